import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, readlink } from 'node:fs/promises';

/** A name in a folder; bytes where it need not be text. */
export type EntryName = string | Buffer;

/**
 * Linux's `O_PATH`, which Node has no name for: a handle on what is there, whatever it is. It needs
 * no right to read, waits for no pipe and touches no device.
 */
const O_PATH = 0o10_000_000;
const FOLDER_FLAGS = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const PRIVATE_MODE = 0o700;

/**
 * A folder that is held open. What lies in it is reached by one name at a time, below the handle
 * and without following a link: whatever becomes of the path that led here, it is this folder that
 * is worked in. Node has no `openat`; `/proc/self/fd` is the same by another way.
 *
 * Nothing here words its errors: they are those of `node:fs`.
 *
 * @example
 * const etc = await (await FolderHandle.root()).folder('etc');
 * const stats = await etc.lstat('hosts'); // of the link itself, if it is one
 * await etc.close();
 */
export class FolderHandle {
  private constructor(
    private readonly handle: FileHandle,
    /** What it was when it was opened. */
    readonly stats: BigIntStats,
  ) {}

  /** The folder that every path begins with. */
  static root(): Promise<FolderHandle> {
    return FolderHandle.#open('/');
  }

  static async #open(path: string | Buffer): Promise<FolderHandle> {
    const handle = await open(path, FOLDER_FLAGS);
    try {
      return new FolderHandle(handle, await handle.stat({ bigint: true }));
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The same for the same folder, whatever its name. */
  get id(): string {
    return fileId(this.stats);
  }

  /** The folder itself, for whoever takes a path and follows links. */
  get self(): string {
    return `/proc/self/fd/${this.handle.fd}`;
  }

  /** A name in it, for whoever takes a path and does not follow links; of an empty one itself. */
  at(name: string): string;
  at(name: EntryName): string | Buffer;
  at(name: EntryName): string | Buffer {
    const text = name.toString('latin1');
    if (text === '.' || text === '..' || text.includes('/')) {
      throw new Error(`${text} is no name of an entry`);
    }
    if (typeof name === 'string') return `${this.self}/${name === '' ? '.' : name}`;
    return Buffer.concat([Buffer.from(`${this.self}/`), name]);
  }

  /** Opens a folder in it; ENOTDIR for a link, as for everything else that is none. */
  folder(name: EntryName): Promise<FolderHandle> {
    return FolderHandle.#open(this.at(name));
  }

  /** Makes a folder, which only its owner may enter, and opens it. */
  async makeFolder(name: string): Promise<FolderHandle> {
    await mkdir(this.at(name), PRIVATE_MODE);
    return this.folder(name);
  }

  lstat(name: EntryName): Promise<BigIntStats> {
    return lstat(this.at(name), { bigint: true });
  }

  readlink(name: string): Promise<string> {
    return readlink(this.at(name));
  }

  names(): Promise<Buffer[]> {
    return readdir(this.self, { encoding: 'buffer' });
  }

  /** A handle on whatever is there: neither a link is followed nor a device opened. */
  pin(name: string): Promise<FileHandle> {
    return open(this.at(name), O_PATH | constants.O_NOFOLLOW);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/**
 * Opens for reading what a handle of {@link FolderHandle.pin} is on, and nothing else. A file of the
 * kernel's that has nothing to say yet, such as /proc/kmsg, is an error and not a wait without end.
 */
export function openPinned({ fd }: FileHandle): Promise<FileHandle> {
  const { O_RDONLY, O_NOCTTY, O_NONBLOCK } = constants;
  return open(`/proc/self/fd/${fd}`, O_RDONLY | O_NOCTTY | O_NONBLOCK);
}

export function fileId({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/** As {@link fileId}, and another one for a file that was given the number of one that is gone. */
export function madeId(stats: BigIntStats): string {
  return `${fileId(stats)}:${stats.birthtimeNs}`;
}
