import { type EntryName, Errno, FolderHandle, madeId, TaskException } from 'dispatcher';
import { chmod, rmdir, unlink } from 'node:fs/promises';
import type { Spot } from '../handles/located.js';
import { codeOf, withFile } from './file-errors.js';

/** As many as a tree is walked deep, and some that others have put in between. */
const MAX_DEPTH = 2_000;

/** A folder that is being emptied. */
interface Level {
  readonly parent: FolderHandle;
  readonly name: EntryName;
  readonly folder: FolderHandle;
  readonly names: Buffer[];
}

/**
 * Removes what lies at a name, with all that is in it, also folders that were given a mode without
 * write access. Each folder is opened in the one before: links are removed, not followed, and what
 * is mounted there stays. Nothing there is no error.
 *
 * @param made with it only the file or folder that has this identity, see `madeId`
 * @throws TaskException EBUSY when it is another one; that names what cannot be removed
 */
export async function removeTree(spot: Spot, made?: string): Promise<void> {
  await withFile('remove', spot.path, () => new Removal(spot, made).run());
}

class Removal {
  readonly #levels: Level[] = [];

  constructor(
    private readonly spot: Spot,
    private readonly made: string | undefined,
  ) {}

  async run(): Promise<void> {
    const { folder, name } = this.spot;
    try {
      await this.#remove(folder, name);
      for (let level = this.#levels.at(-1); level !== undefined; level = this.#levels.at(-1)) {
        const next = level.names.pop();
        if (next !== undefined) await this.#remove(level.folder, next);
        else await this.#leave(level);
      }
    } finally {
      for (const level of this.#levels) await level.folder.close();
    }
  }

  async #remove(parent: FolderHandle, name: EntryName): Promise<void> {
    const folder = await folderOrNull(parent, name);
    if (folder === null) {
      await this.#unlink(parent, name);
      return;
    }
    try {
      this.#assertMade(folder.stats);
      if (folder.stats.dev !== this.spot.folder.stats.dev || this.#levels.length >= MAX_DEPTH) {
        throw notRemoved(this.spot.path);
      }
      this.#levels.push({ parent, name, folder, names: await openedNames(folder) });
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  async #unlink(parent: FolderHandle, name: EntryName): Promise<void> {
    try {
      if (this.made !== undefined && this.#levels.length === 0) {
        this.#assertMade(await parent.lstat(name));
      }
      await unlink(parent.at(name));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }

  async #leave({ parent, name, folder }: Level): Promise<void> {
    this.#levels.pop();
    await folder.close();
    await rmdir(parent.at(name)).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  }

  #assertMade(stats: Parameters<typeof madeId>[0]): void {
    if (this.made === undefined || this.#levels.length > 0 || madeId(stats) === this.made) return;
    const { path } = this.spot;
    throw new TaskException(
      Errno.EBUSY,
      `Cannot remove ${path}: another file or folder has taken its place`,
      { path },
    );
  }
}

async function folderOrNull(parent: FolderHandle, name: EntryName): Promise<FolderHandle | null> {
  try {
    return await parent.folder(name);
  } catch (error) {
    if (['ENOTDIR', 'ENOENT'].includes(codeOf(error) ?? '')) return null;
    throw error;
  }
}

/** What is in it, and the right to take it out. */
async function openedNames(folder: FolderHandle): Promise<Buffer[]> {
  if ((folder.stats.mode & 0o700n) !== 0o700n) await chmod(folder.self, 0o700);
  return folder.names();
}

function notRemoved(path: string): TaskException {
  return new TaskException(
    Errno.EBUSY,
    `Cannot remove ${path}: something is mounted in it, or it is too deep`,
    { path },
  );
}
