import { isAbsolute, normalize } from 'node:path';

export const WATCH_KEY = 'files.watch';

/** A path that is to be watched. */
export interface WatchSetting {
  /** Absolute, without a slash at the end. */
  readonly path: string;
  readonly recursive: boolean;
}

export interface WatchSettings {
  readonly watches: readonly WatchSetting[];
  /** What cannot be meant so; the rest counts all the same. */
  readonly problems: readonly string[];
}

const FORM = `${WATCH_KEY} must be an array of {path, recursive?}`;

/** Reads the value of the configuration key. A path that stands twice is watched once. */
export function parseWatchSettings(value: unknown): WatchSettings {
  if (value === null || value === undefined) return { watches: [], problems: [] };
  if (!Array.isArray(value)) return { watches: [], problems: [FORM] };
  const watches = new Map<string, WatchSetting>();
  const problems: string[] = [];
  for (const [index, item] of value.entries()) {
    const watch = parseWatch(item);
    if (typeof watch === 'string') problems.push(`${WATCH_KEY}[${index}]: ${watch}`);
    else if (watches.get(watch.path)?.recursive !== true) watches.set(watch.path, watch);
  }
  return { watches: [...watches.values()], problems };
}

function parseWatch(item: unknown): WatchSetting | string {
  if (typeof item !== 'object' || item === null) return 'not an object with a path';
  const { path, recursive = false } = item as { readonly path?: unknown; recursive?: unknown };
  if (typeof path !== 'string' || !isAbsolute(path)) return 'the path must be absolute';
  if (path.includes('\0')) return 'the path has a character that no path can have';
  if (typeof recursive !== 'boolean') return 'recursive must be true or false';
  return { path: normalize(path).replace(/(?<=.)\/+$/, ''), recursive };
}
