import { link, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FolderHandle } from 'dispatcher';
import type { Located, Spot } from '../handles/located.js';
import type { ByteMeter } from './byte-meter.js';
import { copyFileContent } from './file-copy.js';
import { withFile } from './file-errors.js';
import { applyToFolder, applyToLink, hasSetId, SET_ID_DROPPED } from './file-metadata.js';
import { TotalsCounter, type TreeTotals } from './tree-totals.js';
import { linkTarget, type TreeEntry, walkTree, type WalkOptions } from './tree-walk.js';

/** A file that is written to while it is copied is tried again, this often in all. */
const ATTEMPTS = 3;

export interface TreeCopierOptions extends Omit<WalkOptions, 'onSkip'> {
  readonly meter: ByteMeter;
  /** Whether files that run as their owner or group do so in the copy. */
  readonly keepsSetId: boolean;
  /** Told of what the copy lacks, or may have wrong. */
  readonly onWarning: (path: string, reason: string) => void;
}

/** A folder of the copy that is being filled. */
interface TargetFolder {
  readonly folder: FolderHandle;
  readonly path: string;
  readonly entry: TreeEntry;
}

/**
 * Copies a tree to a name in a folder that nobody else may enter: contents with their holes, modes,
 * times, symbolic links, hard links among the files of the tree and, for root, owners.
 */
export class TreeCopier {
  readonly #counter = new TotalsCounter();
  /** The folders from the copy's root to where the walk is. */
  readonly #open: TargetFolder[] = [];
  /** The copy of a file that has several names, by its identity: its path below the copy's root. */
  readonly #linked = new Map<string, string>();

  constructor(
    private readonly source: Located,
    private readonly target: Spot,
    private readonly options: TreeCopierOptions,
  ) {}

  /** @throws TaskException that names the path that cannot be read or written; the signal's reason */
  async copy(): Promise<TreeTotals> {
    const onSkip = (path: string, reason: string): void => this.#skip(path, reason);
    try {
      for await (const entry of walkTree(this.source, { ...this.options, onSkip })) {
        await this.#finishFolders(entry.depth);
        await this.#copyEntry(entry, this.#targetOf(entry));
        this.options.meter.done(entry.path);
      }
      await this.#finishFolders(0);
      return this.#counter.totals;
    } finally {
      for (const { folder } of this.#open.splice(0)) await folder.close();
    }
  }

  #targetOf({ name }: TreeEntry): Spot {
    const parent = this.#open.at(-1);
    if (parent === undefined) return this.target;
    return { folder: parent.folder, name, path: join(parent.path, name) };
  }

  /** Those that are as deep or deeper are full: what is put into a folder changes its times. */
  async #finishFolders(depth: number): Promise<void> {
    while (this.#open.length > depth) {
      const { folder, path, entry } = this.#open.at(-1) as TargetFolder;
      await withFile('write', path, () => applyToFolder(folder, entry.stats));
      this.#open.pop();
      await folder.close();
    }
  }

  async #copyEntry(entry: TreeEntry, target: Spot): Promise<void> {
    switch (entry.kind) {
      case 'directory': {
        const { folder: parent, name, path } = target;
        const folder = await withFile('create', path, () => parent.makeFolder(name));
        this.#open.push({ folder, path, entry });
        this.#counter.add(entry);
        return;
      }
      case 'link':
        await this.#copyLink(entry, target);
        return;
      case 'file':
        await this.#copyFile(entry, target);
        return;
      case 'special':
        this.#skip(entry.path, 'it is no file, folder or link');
    }
  }

  async #copyLink(entry: TreeEntry, target: Spot): Promise<void> {
    const destination = await linkTarget(entry);
    const { folder, name, path } = target;
    await withFile('create', path, () => symlink(destination, folder.at(name)));
    await withFile('write', path, () => applyToLink(target, entry.stats));
    this.#counter.add(entry);
  }

  async #copyFile(entry: TreeEntry, target: Spot): Promise<void> {
    const { dev, ino, nlink } = entry.stats;
    const identity = `${dev}:${ino}`;
    const present = this.#linked.get(identity);
    if (present !== undefined) {
      await this.#linkTo(present, target);
      this.options.meter.add(Number(entry.stats.size), entry.path);
      this.#counter.add(entry);
      return;
    }
    const bytes = await this.#copyContent(entry, target);
    if (bytes === null) return;
    if (nlink > 1n) this.#linked.set(identity, entry.relative);
    if (!this.options.keepsSetId && hasSetId(entry.stats)) {
      this.options.onWarning(entry.path, SET_ID_DROPPED);
    }
    this.#counter.add(entry, bytes);
  }

  async #linkTo(present: string, { folder, name, path }: Spot): Promise<void> {
    const names = present.split('/');
    const last = names.pop() ?? '';
    await withFile('create', path, async () => {
      const { folder: top, name: root } = this.target;
      await inFolder(top, [root, ...names], (held) => link(held.at(last), folder.at(name)));
    });
  }

  /** Null when there is nothing to copy any more. */
  async #copyContent(entry: TreeEntry, target: Spot): Promise<number | null> {
    const { signal, meter, keepsSetId } = this.options;
    const onBytes = (bytes: number): void => meter.add(bytes, entry.path);
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await copyFileContent(entry, target, { signal, onBytes, keepsSetId });
      if (outcome === null) {
        this.#skip(entry.path, 'it vanished meanwhile');
        return null;
      }
      if (!outcome.hasChanged) return outcome.bytes;
      if (attempt === ATTEMPTS) {
        this.options.onWarning(entry.path, 'it was written to while it was copied');
        return outcome.bytes;
      }
      onBytes(-outcome.bytes);
      await withFile('remove', target.path, () => unlink(target.folder.at(target.name)));
    }
  }

  #skip(path: string, reason: string): void {
    this.#counter.skip();
    this.options.onWarning(path, reason);
  }
}

/** Goes down by names, each opened in the folder before, and does something there. */
async function inFolder(
  folder: FolderHandle,
  [name, ...below]: readonly string[],
  work: (folder: FolderHandle) => Promise<void>,
): Promise<void> {
  if (name === undefined) return work(folder);
  const next = await folder.folder(name);
  try {
    await inFolder(next, below, work);
  } finally {
    await next.close();
  }
}
