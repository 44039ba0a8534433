import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { fileId, openPinned } from 'dispatcher';
import { codeOf, fileError, withFile } from './file-errors.js';
import type { TreeEntry } from './tree-walk.js';

/** Large enough that the calls cost little, small enough that an abort is heard at once. */
export const CHUNK_BYTES = 2 ** 20;

/** A file that is being read, and whether it stays what it was. */
export class FileReader {
  private constructor(
    readonly path: string,
    readonly stats: BigIntStats,
    private readonly handle: FileHandle,
  ) {}

  /**
   * Null when it is no longer the file that was listed: what is there instead, be it a link, a pipe
   * or a device, is looked at but not opened.
   *
   * @throws TaskException
   */
  static async open(entry: TreeEntry): Promise<FileReader | null> {
    const pin = await pinOrNull(entry);
    try {
      const stats = await withFile('read', entry.path, async () => pin?.stat({ bigint: true }));
      if (pin === null || stats?.isFile() !== true) return null;
      if (fileId(stats) !== fileId(entry.stats)) return null;
      const handle = await withFile('read', entry.path, () => openPinned(pin));
      return new FileReader(entry.path, stats, handle);
    } finally {
      await pin?.close();
    }
  }

  /** Fills the buffer from a place in the file; fewer bytes at the end only. @throws TaskException */
  async fill(buffer: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    try {
      while (filled < buffer.length) {
        const length = buffer.length - filled;
        const { bytesRead } = await this.handle.read(buffer, filled, length, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
    } catch (error) {
      throw fileError(error, 'read', this.path);
    }
    return filled;
  }

  /** Whether it was written to since it was opened. */
  async hasChanged(): Promise<boolean> {
    const present = await withFile('read', this.path, () => this.handle.stat({ bigint: true }));
    const { size, mtimeNs } = present;
    return size !== this.stats.size || mtimeNs !== this.stats.mtimeNs;
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

async function pinOrNull({ folder, name, path }: TreeEntry): Promise<FileHandle | null> {
  try {
    return await folder.pin(name);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw fileError(error, 'read', path);
  }
}
