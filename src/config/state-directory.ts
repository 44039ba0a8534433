import { isAbsolute, join } from 'node:path';

/** What the configuration needs to know of the process; only main.ts asks the process itself. */
export interface HostEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  readonly home: string;
  readonly hostName: string;
}

/**
 * The folder a program keeps its state in: `$STATE_DIRECTORY`, else `/var/lib/dispatcher` for
 * root, else `dispatcher` in the XDG state folder; or the name of another program instead. It may not exist yet.
 *
 * @example
 * stateDirectory({ env: {}, uid: 1000, home: '/home/ann' }) // '/home/ann/.local/state/dispatcher'
 */
export function stateDirectory(
  { env, uid, home }: Pick<HostEnvironment, 'env' | 'uid' | 'home'>,
  program = 'dispatcher',
): string {
  // systemd lists all folders of a unit, separated by colons
  const [given = ''] = (env['STATE_DIRECTORY'] ?? '').split(':');
  if (given !== '') return given;
  if (uid === 0) return `/var/lib/${program}`;
  const xdg = env['XDG_STATE_HOME'] ?? '';
  // the XDG rules say that a relative path is to be ignored
  return join(isAbsolute(xdg) ? xdg : join(home, '.local', 'state'), program);
}
