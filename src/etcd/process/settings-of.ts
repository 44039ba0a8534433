import { readFileSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf } from '../../common/index.js';
import { ConfigurationError, type EtcdConfiguration } from '../../config/index.js';
import type { EtcdSettings } from '../model/index.js';
import type { RenderUser } from '../rendering/index.js';

/** The root whose actions are meant for this machine. */
const SYSTEM_ROOT = '/etc';

/**
 * The configuration with what depends on the machine decided.
 *
 * @param root - of the command line; null: the configured one
 * @throws ConfigurationError for a root that is not there or is `/`
 */
export function settingsOf(
  { etcd }: Pick<EtcdConfiguration, 'etcd'>,
  { root, stateDirectory }: { readonly root: string | null; readonly stateDirectory: string },
): EtcdSettings {
  const { url: _, actions, ...rest } = etcd;
  const path = realRoot(root === null ? etcd.root : resolve(root));
  return {
    ...rest,
    root: path,
    allowedRoots: etcd.allowedRoots.map(realAllowedRoot),
    actions: actions ?? (path === SYSTEM_ROOT ? 'run' : 'log'),
    stateDirectory,
  };
}

function realRoot(path: string): string {
  let real: string;
  try {
    real = realpathSync(path);
  } catch (error) {
    throw new ConfigurationError([`The root ${path} cannot be used: ${messageOf(error)}`]);
  }
  if (real === '/')
    throw new ConfigurationError(['The root cannot be "/": name a folder below it']);
  return real;
}

/** It may be made later; links in it are as the operator wants them. */
function realAllowedRoot(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/**
 * Whom renderers run as: nobody else if this process has no rights to give away.
 *
 * @throws ConfigurationError when there is no such user
 */
export function renderUserOf(name: string, uid: number): RenderUser | null {
  if (uid !== 0) return null;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`));
  const [, , id = '', group = ''] = line?.split(':') ?? [];
  if (!/^\d+$/.test(id) || !/^\d+$/.test(group)) {
    throw new ConfigurationError([
      `etcd.render-user: there is no user ${JSON.stringify(name)} in /etc/passwd, and renderers must not run as root: name another one, such as nobody`,
    ]);
  }
  return { uid: Number(id), gid: Number(group) };
}
