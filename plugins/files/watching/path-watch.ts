import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { FileChange } from '../schemas/file-change.schema.js';
import type { FileWatch, WatchState } from '../schemas/file-watch.schema.js';
import { FolderTree } from './folder-tree.js';
import type { WatchSetting } from './watch-settings.js';

/** Where the changes of watched paths, and what hinders watching them, are told. */
export interface WatchListener {
  changed(changes: readonly FileChange[]): void;
  unwatched(path: string, error: Error): void;
}

/** What has to be watched for a path: it, the folder it lies in, or nothing that is there yet. */
type Place =
  | { readonly kind: 'folder' | 'parent'; readonly folder: string; readonly identity: string }
  | { readonly kind: 'nowhere' };

type Status = Pick<FileWatch, 'state' | 'reason'>;

const NOWHERE: Place = { kind: 'nowhere' };
const MISSING: Status = { state: 'missing', reason: null };
const WATCHING: Status = { state: 'watching', reason: null };

/**
 * Watches one configured path, whatever is there: a folder is watched itself; a file by the folder
 * it lies in, because most programs save by putting a new file in place of the old one. Whether the
 * folder that is watched is still the one at the path is looked at in {@link check}.
 */
export class PathWatch {
  #tree: FolderTree | null = null;
  #place: Place = NOWHERE;
  #isFirst = true;
  #status: Status = MISSING;

  constructor(
    readonly setting: WatchSetting,
    private readonly listener: WatchListener,
  ) {}

  row(): FileWatch {
    return { ...this.setting, ...this.#status, entries: this.#tree?.entries ?? 0 };
  }

  /** Watches what is at the path now, if that is not watched already. What is there at first is no news. */
  async check(): Promise<void> {
    const { path } = this.setting;
    try {
      const place = await findPlace(path);
      if (keyOf(place) !== keyOf(this.#place) || this.#tree === null) await this.#moveTo(place);
      if (this.#place.kind === 'parent') await this.#noteFile(path);
    } catch (error) {
      await this.#leave();
      this.#hindered(path, error as NodeJS.ErrnoException);
    }
    this.#isFirst = false;
  }

  async close(): Promise<void> {
    const tree = this.#tree;
    this.#tree = null;
    await tree?.close();
  }

  async #moveTo(place: Place): Promise<void> {
    const cameFrom = this.#place.kind;
    await this.#leave();
    const { path, recursive } = this.setting;
    this.#status = place.kind === 'nowhere' ? MISSING : WATCHING;
    if (place.kind === 'nowhere') return;
    const isFolder = place.kind === 'folder';
    const tree = (this.#tree = new FolderTree({
      root: place.folder,
      recursive: isFolder && recursive,
      only: isFolder ? null : basename(path),
      changed: (changes) => this.listener.changed(changes),
      unwatched: (below, error) => this.#hindered(below, error),
    }));
    const found = await tree.open(this.#isFirst ? 'silently' : 'as created');
    // Only now: a folder that cannot be watched is not told of, neither when it comes nor when it goes
    this.#place = place;
    // From the parent it was seen to come
    if (isFolder && !this.#isFirst && cameFrom !== 'parent') this.#tell('created');
    this.listener.changed(found);
  }

  /** Ends with the last news of the place that is left. */
  async #leave(): Promise<void> {
    const place = this.#place;
    const path = place.kind === 'parent' ? this.setting.path : undefined;
    await this.#tree?.flush(path).catch(() => undefined);
    await this.close();
    this.#place = NOWHERE;
    if (place.kind === 'folder') this.#tell('removed');
  }

  #tell(change: FileChange['change']): void {
    const { path } = this.setting;
    this.listener.changed([{ path, change, previous_path: null, is_directory: true }]);
  }

  async #noteFile(path: string): Promise<void> {
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    if (this.#status.state === 'limited') return;
    this.#status = isThere ? WATCHING : MISSING;
  }

  #hindered(path: string, error: NodeJS.ErrnoException): void {
    const state = path === this.setting.path ? stateOf(error) : 'limited';
    this.#status = { state, reason: `${path}: ${error.message}` };
    this.listener.unwatched(path, error);
  }
}

/** The state of a path that cannot be watched for a reason. */
export function stateOf({ code }: NodeJS.ErrnoException): WatchState {
  if (code === 'EACCES' || code === 'EPERM') return 'denied';
  return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'failed';
}

async function findPlace(path: string): Promise<Place> {
  const own = await identify(path);
  if (own !== null) return { kind: 'folder', folder: path, identity: own };
  const folder = dirname(path);
  const parents = await identify(folder);
  return parents === null ? NOWHERE : { kind: 'parent', folder, identity: parents };
}

/** What distinguishes the folder at a path from another one that may take its place; null for none. */
async function identify(path: string): Promise<string | null> {
  try {
    const { dev, ino, birthtimeNs, ...stats } = await stat(path, { bigint: true });
    return (stats.mode & 0o170000n) === 0o040000n ? `${dev}:${ino}:${birthtimeNs}` : null;
  } catch (error) {
    if (stateOf(error as NodeJS.ErrnoException) === 'missing') return null;
    throw error;
  }
}

const keyOf = (place: Place): string =>
  place.kind === 'nowhere' ? place.kind : `${place.kind} ${place.identity}`;
