import { Injectable } from '@nestjs/common';
import type { FileWatch } from '../schemas/file-watch.schema.js';
import { PathWatch, type WatchListener } from './path-watch.js';
import type { WatchSetting } from './watch-settings.js';

/** The paths that are watched at present: the source fills it, the provider shows it. */
@Injectable()
export class FileWatches {
  readonly #watches = new Map<string, PathWatch>();

  /** The state of each path; of one that is not watched, that nobody asked for it. */
  rows(settings: readonly WatchSetting[]): FileWatch[] {
    return settings.map((setting) => {
      const watch = this.#watches.get(keyOf(setting));
      return watch?.row() ?? { ...setting, state: 'idle', reason: null, entries: 0 };
    });
  }

  /** Ends the watches that are no longer wanted and begins new ones; the others go on untouched. */
  async configure(settings: readonly WatchSetting[], listener: WatchListener): Promise<void> {
    const wanted = new Set(settings.map(keyOf));
    for (const [key, watch] of this.#watches) {
      if (wanted.has(key)) continue;
      this.#watches.delete(key);
      await watch.close();
    }
    for (const setting of settings) {
      const key = keyOf(setting);
      if (!this.#watches.has(key)) this.#watches.set(key, new PathWatch(setting, listener));
    }
  }

  /** Follows paths that came, went or were replaced since the last time. */
  async check(): Promise<void> {
    await Promise.all(Array.from(this.#watches.values(), (watch) => watch.check()));
  }

  async close(): Promise<void> {
    const watches = [...this.#watches.values()];
    this.#watches.clear();
    await Promise.all(watches.map((watch) => watch.close()));
  }
}

const keyOf = ({ path, recursive }: WatchSetting): string => `${String(recursive)} ${path}`;
