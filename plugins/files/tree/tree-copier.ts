import { link, mkdir, readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteMeter } from './byte-meter.js';
import { copyFileContent } from './file-copy.js';
import { codeOf, withFile } from './file-errors.js';
import { applyToFolder, applyToLink } from './file-metadata.js';
import { TotalsCounter, type TreeTotals } from './tree-totals.js';
import { type TreeEntry, walkTree, type WalkOptions } from './tree-walk.js';

/** A file that is written to while it is copied is tried again, this often in all. */
const ATTEMPTS = 3;

export interface TreeCopierOptions extends Pick<WalkOptions, 'signal' | 'crossesFileSystems'> {
  readonly meter: ByteMeter;
  /** Told of what the copy lacks, or may have wrong. */
  readonly onWarning: (path: string, reason: string) => void;
}

/**
 * Copies a tree to a place where nothing is: contents with their holes, modes, times, symbolic
 * links, hard links among the files of the tree and, for root, owners. Until all is there, folders
 * are open to their owner only.
 */
export class TreeCopier {
  readonly #counter = new TotalsCounter();
  readonly #folders: { readonly path: string; readonly entry: TreeEntry }[] = [];
  /** The copy of a file that has several names, by its identity. */
  readonly #linked = new Map<string, string>();

  constructor(
    private readonly source: string,
    private readonly target: string,
    private readonly options: TreeCopierOptions,
  ) {}

  /** @throws TaskException that names the path that cannot be read or written; the signal's reason */
  async copy(): Promise<TreeTotals> {
    const { signal, crossesFileSystems, meter } = this.options;
    const onSkip = (path: string, reason: string): void => this.#skip(path, reason);
    for await (const entry of walkTree(this.source, { signal, crossesFileSystems, onSkip })) {
      await this.#copyEntry(entry, this.#targetOf(entry));
      meter.done(entry.path);
    }
    // from the inside out: a folder's own times change when something is put into it
    for (const { path, entry } of this.#folders.reverse()) {
      await withFile('write', path, () => applyToFolder(path, entry.stats));
    }
    return this.#counter.totals;
  }

  #targetOf({ relative }: TreeEntry): string {
    return relative === '' ? this.target : join(this.target, relative);
  }

  async #copyEntry(entry: TreeEntry, target: string): Promise<void> {
    switch (entry.kind) {
      case 'directory':
        await withFile('create', target, () => mkdir(target, 0o700));
        this.#folders.push({ path: target, entry });
        this.#counter.add(entry);
        return;
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

  async #copyLink(entry: TreeEntry, target: string): Promise<void> {
    const destination = await withFile('read', entry.path, () => readlink(entry.path));
    await withFile('create', target, () => symlink(destination, target));
    await withFile('write', target, () => applyToLink(target, entry.stats));
    this.#counter.add(entry);
  }

  async #copyFile(entry: TreeEntry, target: string): Promise<void> {
    const { dev, ino, nlink } = entry.stats;
    const identity = `${dev}:${ino}`;
    const present = this.#linked.get(identity);
    if (present !== undefined) {
      await withFile('create', target, () => link(present, target));
      this.options.meter.add(Number(entry.stats.size), entry.path);
      this.#counter.add(entry);
      return;
    }
    const bytes = await this.#copyContent(entry, target);
    if (bytes === null) return;
    if (nlink > 1n) this.#linked.set(identity, target);
    this.#counter.add(entry, bytes);
  }

  /** Null when there is nothing to copy any more. */
  async #copyContent(entry: TreeEntry, target: string): Promise<number | null> {
    const { signal, meter } = this.options;
    const onBytes = (bytes: number): void => meter.add(bytes, entry.path);
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await copyFileContent(entry, target, { signal, onBytes }).catch(nullIfGone);
      if (outcome === null) {
        await rm(target, { force: true });
        this.#skip(entry.path, 'it vanished meanwhile');
        return null;
      }
      if (!outcome.hasChanged) return outcome.bytes;
      if (attempt === ATTEMPTS) {
        this.options.onWarning(entry.path, 'it was written to while it was copied');
        return outcome.bytes;
      }
      onBytes(-outcome.bytes);
      await withFile('remove', target, () => rm(target));
    }
  }

  #skip(path: string, reason: string): void {
    this.#counter.skip();
    this.options.onWarning(path, reason);
  }
}

/** The source was removed between the listing and the opening: not an error, but told. */
function nullIfGone(error: unknown): null {
  const { cause } = error as Error;
  const isGone = codeOf(cause) === 'ENOENT' && (cause as NodeJS.ErrnoException).syscall === 'open';
  if (isGone || codeOf(cause) === 'ELOOP') return null;
  throw error;
}
