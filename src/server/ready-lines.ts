import type { DispatcherConfiguration } from '../config/index.js';
import { pluginDirectories } from '../plugin-host/plugin-directories.js';

/** Where a server is that has come up. */
export interface ServerPlaces {
  readonly addresses: readonly string[];
  readonly debugAddress: string | null;
  readonly stateDirectory: string;
}

/** What a person who has started the server wants to know next, for the terminal. */
export function readyLines(
  { addresses, debugAddress, stateDirectory }: ServerPlaces,
  { source, dispatcher }: Pick<DispatcherConfiguration, 'source' | 'dispatcher'>,
): string[] {
  const folders = pluginDirectories(dispatcher).map(({ path }) => path);
  const [first = 'none', ...others] = addresses;
  const rows: readonly (readonly [string, string])[] = [
    ['Console', debugAddress === null ? 'off (frontend)' : `open ${debugAddress}`],
    ['Clients connect to', first],
    ...others.map((address) => ['', address] as const),
    ['Configuration', source ?? 'built in (dispatcher -c FILE names another)'],
    ['State folder', stateDirectory],
    ['Plugin folders', folders[0] ?? 'none'],
    ...folders.slice(1).map((folder) => ['', folder] as const),
  ];
  return rows.map(([what, value]) => `  ${what.padEnd(20)}${value}`);
}
