import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Changes within this time are looked at together. */
const GATHER_MS = 100;

/** What the watch tells. */
export interface WatchListener {
  /** These names may have been touched. */
  readonly touched: (paths: readonly string[]) => void;
  /** A folder that cannot be watched: its files are looked at by the scans alone. */
  readonly unwatched: (folder: string, reason: string) => void;
}

/**
 * Watches the folders of files, each by one watch of the kernel. That a name was touched is all it
 * tells; what became of it is found by a look.
 */
export class DriftWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  #names = new Map<string, Set<string>>();
  readonly #touched = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly listener: WatchListener) {}

  /** Watches the folders of these paths from now on, and no others. Those that came since too. */
  follow(paths: Iterable<string>): void {
    const names = new Map<string, Set<string>>();
    for (const path of paths) {
      const folder = dirname(path);
      const known = names.get(folder) ?? new Set();
      names.set(folder, known.add(basename(path)));
    }
    this.#names = names;
    for (const [folder, watcher] of this.#watchers) {
      if (names.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of names.keys()) if (!this.#watchers.has(folder)) this.#watch(folder);
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => this.#saw(folder, name));
      watcher.on('error', () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT') this.listener.unwatched(folder, code ?? 'unknown');
    }
  }

  #saw(folder: string, name: string | null): void {
    const names = this.#names.get(folder);
    if (names === undefined) return;
    // a folder that goes or is moved says its own name: another may lie in its place by now
    const isFolder = name === null || name === basename(folder);
    if (isFolder) this.#forget(folder);
    else if (!names.has(name)) return;
    for (const one of isFolder ? names : [name]) this.#touched.add(`${folder}/${one}`);
    this.#timer ??= setTimeout(this.#tell, GATHER_MS);
  }

  readonly #tell = (): void => {
    this.#timer = null;
    const paths = [...this.#touched];
    this.#touched.clear();
    this.listener.touched(paths);
    for (const folder of this.#names.keys()) if (!this.#watchers.has(folder)) this.#watch(folder);
  };

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}
