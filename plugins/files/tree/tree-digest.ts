import { createHash, type Hash } from 'node:crypto';
import type { Located } from '../handles/located.js';
import type { ChecksumAlgorithm } from '../schemas/file-tasks.schema.js';
import type { ByteMeter } from './byte-meter.js';
import { CHUNK_BYTES, FileReader } from './file-reader.js';
import { TotalsCounter, type TreeTotals } from './tree-totals.js';
import { linkTarget, type TreeEntry, walkTree, type WalkOptions } from './tree-walk.js';

export interface TreeDigestOptions extends Omit<WalkOptions, 'onSkip'> {
  readonly algorithm: ChecksumAlgorithm;
  readonly meter: ByteMeter;
  readonly onWarning: (path: string, reason: string) => void;
}

/** Reads a tree and says what it holds, so that an equal tree elsewhere has the same digest. */
export class TreeDigest {
  readonly #counter = new TotalsCounter();
  readonly #buffer = Buffer.allocUnsafe(CHUNK_BYTES);

  constructor(
    private readonly source: Located,
    private readonly options: TreeDigestOptions,
  ) {}

  /** @throws TaskException that names the path that cannot be read; the signal's reason */
  async compute(): Promise<TreeTotals & { readonly digest: string }> {
    const { algorithm, meter } = this.options;
    const onSkip = (path: string, reason: string): void => this.#skip(path, reason);
    const tree = createHash(algorithm);
    let onlyFile: string | null = null;
    for await (const entry of walkTree(this.source, { ...this.options, onSkip })) {
      const digest = await this.#addEntry(entry, tree);
      if (entry.relative === '' && entry.kind === 'file') onlyFile = digest;
      meter.done(entry.path);
    }
    return { ...this.#counter.totals, digest: onlyFile ?? tree.digest('hex') };
  }

  /** The digest of the content, for a file. */
  async #addEntry(entry: TreeEntry, tree: Hash): Promise<string | null> {
    switch (entry.kind) {
      case 'directory':
        tree.update(`d ${entry.relative}\0\0`);
        this.#counter.add(entry);
        return null;
      case 'link': {
        const target = await linkTarget(entry);
        tree.update(`l ${entry.relative}\0${target}\0`);
        this.#counter.add(entry);
        return null;
      }
      case 'file': {
        const digest = await this.#digestOf(entry);
        if (digest !== null) tree.update(`f ${entry.relative}\0${digest}\0`);
        return digest;
      }
      case 'special':
        this.#skip(entry.path, 'it is no file, folder or link');
        return null;
    }
  }

  async #digestOf(entry: TreeEntry): Promise<string | null> {
    const { algorithm, signal, meter } = this.options;
    const reader = await FileReader.open(entry);
    if (reader === null) {
      this.#skip(entry.path, 'it vanished meanwhile');
      return null;
    }
    try {
      const hash = createHash(algorithm);
      let position = 0;
      for (let length = -1; length !== 0;) {
        signal.throwIfAborted();
        length = await reader.fill(this.#buffer, position);
        hash.update(this.#buffer.subarray(0, length));
        position += length;
        meter.add(length, entry.path);
      }
      if (await reader.hasChanged()) {
        this.options.onWarning(entry.path, 'it was written to while it was read');
      }
      this.#counter.add(entry, position);
      return hash.digest('hex');
    } finally {
      await reader.close();
    }
  }

  #skip(path: string, reason: string): void {
    this.#counter.skip();
    this.options.onWarning(path, reason);
  }
}
