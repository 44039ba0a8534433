import { normalize } from 'node:path';
import type { WatchedPath } from '../files.settings.js';

/** A path that is to be watched. */
export interface WatchSetting {
  /** Absolute, without a slash at the end. */
  readonly path: string;
  readonly recursive: boolean;
}

/** The paths of the setting in their plainest form. One that stands twice is watched once, as widely as either says. */
export function watchesOf(paths: readonly WatchedPath[]): readonly WatchSetting[] {
  const watches = new Map<string, WatchSetting>();
  for (const { path: given, recursive } of paths) {
    const path = normalize(given).replace(/(?<=.)\/+$/, '');
    if (watches.get(path)?.recursive === true) continue;
    watches.set(path, { path, recursive: recursive === true });
  }
  return [...watches.values()];
}
