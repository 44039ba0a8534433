import { accessSync, constants } from 'node:fs';
import type { CliConfiguration } from '../../config/cli-configuration.js';
import type { Options } from '../arguments/options.js';
import { UsageError } from '../exit-status.js';

const DEFAULT = 'ws://127.0.0.1:5000/socket';
const PATH = '/socket';

/**
 * Where the server is: `--url`, `$DISPATCHER_URL`, `cli.url`, the unix socket of the configuration if this
 * user may open it, the usual port of this machine.
 *
 * @throws UsageError for an address that is none
 */
export function addressOf(
  options: Options,
  env: NodeJS.ProcessEnv,
  { cli, unixSocket }: CliConfiguration,
): string {
  const given = [options.text('url'), env['DISPATCHER_URL'], cli.url].find(
    (address) => address != null && address !== '',
  );
  if (given != null) return checked(given);
  if (unixSocket !== null && isOpen(unixSocket)) return `ws+unix:${unixSocket}:${PATH}`;
  return DEFAULT;
}

/** Whether the server can only be on this machine, where nobody needs a password. */
export function isLocal(url: string): boolean {
  if (url.startsWith('ws+unix:')) return true;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}

function checked(address: string): string {
  if (/^ws\+unix:.+/.test(address)) return address;
  if (!/^wss?:\/\//.test(address) || !URL.canParse(address)) {
    throw new UsageError(
      `${JSON.stringify(address)} is no address of a server: it begins with ws://, wss:// or ws+unix:, such as ${DEFAULT}`,
    );
  }
  const url = new URL(address);
  if (url.password !== '' || url.username !== '') {
    throw new UsageError('An address has no password in it: others could read it');
  }
  if (url.pathname === '/') url.pathname = PATH;
  return url.href;
}

function isOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
