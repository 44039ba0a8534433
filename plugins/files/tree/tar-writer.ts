import type { BigIntStats } from 'node:fs';
import type { HeaderData } from 'tar';
import type { Located } from '../handles/located.js';
import type { ByteMeter } from './byte-meter.js';
import { hasSetId, SET_ID_DROPPED, withoutSetId } from './file-metadata.js';
import { CHUNK_BYTES, FileReader } from './file-reader.js';
import { TotalsCounter, type TreeTotals } from './tree-totals.js';
import { linkTarget, type TreeEntry, walkTree, type WalkOptions } from './tree-walk.js';

const BLOCK_BYTES = 512;
const NANOSECONDS_PER_MS = 1_000_000n;

type Tar = typeof import('tar');

export interface TarWriterOptions extends Omit<WalkOptions, 'onSkip'> {
  /** Name of the root of the tree in the archive. */
  readonly name: string;
  readonly meter: ByteMeter;
  /** Whether files that run as their owner or group do so when the archive is unpacked. */
  readonly keepsSetId: boolean;
  readonly onWarning: (path: string, reason: string) => void;
}

/**
 * The bytes of an archive of a tree, in the format that every tar reads (ustar, with pax headers for
 * what does not fit into it). The headers are the library's; walking and reading are those of the
 * other tasks, so that all of them see the same tree and tell of the same troubles.
 */
export class TarWriter {
  readonly #counter = new TotalsCounter();
  /** Name in the archive of a file that has several, by its identity. */
  readonly #linked = new Map<string, string>();

  constructor(
    private readonly source: Located,
    private readonly options: TarWriterOptions,
  ) {}

  /** What has been archived so far. */
  get totals(): TreeTotals {
    return this.#counter.totals;
  }

  /** @throws TaskException that names the path that cannot be read; the signal's reason */
  async *bytes(): AsyncGenerator<Uint8Array> {
    const tar = await import('tar'); // only who makes an archive pays for it
    const { meter } = this.options;
    const onSkip = (path: string, reason: string): void => this.#skip(path, reason);
    for await (const entry of walkTree(this.source, { ...this.options, onSkip })) {
      yield* this.#entry(entry, tar);
      meter.done(entry.path);
    }
    yield Buffer.alloc(2 * BLOCK_BYTES);
  }

  async *#entry(entry: TreeEntry, tar: Tar): AsyncGenerator<Uint8Array> {
    const path = this.#nameOf(entry);
    const common = { path, ...metadataOf(this.#statsOf(entry)) };
    switch (entry.kind) {
      case 'directory':
        yield* header(tar, { ...common, path: `${path}/`, size: 0, type: 'Directory' });
        this.#counter.add(entry);
        return;
      case 'link': {
        const linkpath = await linkTarget(entry);
        yield* header(tar, { ...common, linkpath, size: 0, type: 'SymbolicLink' });
        this.#counter.add(entry);
        return;
      }
      case 'file':
        yield* this.#file(entry, { tar, common });
        return;
      case 'special':
        this.#skip(entry.path, 'it is no file, folder or link');
    }
  }

  async *#file(
    entry: TreeEntry,
    { tar, common }: { readonly tar: Tar; readonly common: HeaderData & { readonly path: string } },
  ): AsyncGenerator<Uint8Array> {
    const { dev, ino, nlink } = entry.stats;
    const identity = `${dev}:${ino}`;
    const linkpath = this.#linked.get(identity);
    if (linkpath !== undefined) {
      yield* header(tar, { ...common, linkpath, size: 0, type: 'Link' });
      this.options.meter.add(Number(entry.stats.size), entry.path);
      this.#counter.add(entry);
      return;
    }
    const reader = await FileReader.open(entry);
    if (reader === null) {
      this.#skip(entry.path, 'it vanished meanwhile');
      return;
    }
    try {
      const size = Number(reader.stats.size);
      yield* header(tar, { ...common, size, type: 'File' });
      yield* this.#content(reader, size);
      if (await reader.hasChanged()) {
        this.options.onWarning(entry.path, 'it was written to while it was archived');
      }
      if (nlink > 1n) this.#linked.set(identity, common.path);
      this.#counter.add(entry, size);
    } finally {
      await reader.close();
    }
  }

  /** As long as the header says, whatever becomes of the file meanwhile. */
  async *#content(reader: FileReader, size: number): AsyncGenerator<Uint8Array> {
    const { signal, meter } = this.options;
    for (let position = 0; position < size;) {
      signal.throwIfAborted();
      // a buffer of its own: the one before may still wait to be written
      const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, size - position));
      await reader.fill(chunk, position);
      yield chunk;
      position += chunk.length;
      meter.add(chunk.length, reader.path);
    }
    const rest = size % BLOCK_BYTES;
    if (rest > 0) yield Buffer.alloc(BLOCK_BYTES - rest);
  }

  #statsOf({ kind, path, stats }: TreeEntry): BigIntStats {
    if (kind !== 'file' || this.options.keepsSetId || !hasSetId(stats)) return stats;
    this.options.onWarning(path, SET_ID_DROPPED);
    return withoutSetId(stats);
  }

  #nameOf({ relative }: TreeEntry): string {
    return relative === '' ? this.options.name : `${this.options.name}/${relative}`;
  }

  #skip(path: string, reason: string): void {
    this.#counter.skip();
    this.options.onWarning(path, reason);
  }
}

function metadataOf(stats: BigIntStats): HeaderData {
  return {
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    mtime: new Date(Number(stats.mtimeNs / NANOSECONDS_PER_MS)),
  };
}

function* header({ Header, Pax }: Tar, data: HeaderData): Generator<Uint8Array> {
  const block = Buffer.alloc(BLOCK_BYTES);
  const needsMore = new Header(data).encode(block);
  if (needsMore) {
    const { path, linkpath, size, uid, gid, mtime } = data;
    yield new Pax(definedOf({ path, linkpath, size, uid, gid, mtime })).encode();
  }
  yield block;
}

function definedOf(data: Readonly<Record<string, unknown>>): HeaderData {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
}
