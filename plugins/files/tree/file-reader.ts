import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { fileError, withFile } from './file-errors.js';
import type { TreeEntry } from './tree-walk.js';

/** Large enough that the calls cost little, small enough that an abort is heard at once. */
export const CHUNK_BYTES = 2 ** 20;

// A file that has become a link or a pipe since it was listed is neither followed nor waited for
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file that is being read, and whether it stays what it was. */
export class FileReader {
  private constructor(
    readonly path: string,
    readonly stats: BigIntStats,
    private readonly handle: FileHandle,
  ) {}

  /** Null when it is no longer the file that was listed. @throws TaskException */
  static async open({ path, stats }: TreeEntry): Promise<FileReader | null> {
    const handle = await withFile('read', path, () => open(path, FLAGS));
    const present = await withFile('read', path, () => handle.stat({ bigint: true }));
    if (present.isFile() && present.ino === stats.ino) {
      return new FileReader(path, present, handle);
    }
    await handle.close();
    return null;
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
    const { size, mtimeNs } = await this.handle.stat({ bigint: true });
    return size !== this.stats.size || mtimeNs !== this.stats.mtimeNs;
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}
