import { Errno, type FolderHandle, TaskException } from 'dispatcher';
import { createHash, randomBytes } from 'node:crypto';
import { open, rmdir, unlink } from 'node:fs/promises';
import type { Located, Spot } from '../handles/located.js';
import { withFile } from '../tree/file-errors.js';
import { removeTree } from '../tree/remove-tree.js';

const PREFIX = '.dispatcher-task-';
const SUFFIX = '.partial';
const OWN_UID = BigInt(process.geteuid?.() ?? 0);
const OTHERS = 0o077n;
const OTHERS_WRITE = 0o022n;

/** Whose work it is: the instance that undoes it may be another one than that which began it. */
export interface WorkOwner {
  readonly id: number;
  readonly environment: Readonly<Record<string, unknown>>;
}

/**
 * The folder that a task works in: hidden, beside the place of what it makes, and entered by nobody
 * else. Who owns the place may rename it, but gets neither in nor in between, for it is held open.
 */
export class Workshop {
  private constructor(
    private readonly place: Located,
    private readonly folder: FolderHandle,
    private readonly name: string,
  ) {}

  /** @throws TaskException when it cannot be made, or another folder has taken its place at once */
  static async open(place: Located, owner: WorkOwner): Promise<Workshop> {
    const name = `${prefixOf(place, owner)}${randomBytes(8).toString('hex')}${SUFFIX}`;
    const folder = await withFile('create', place.path, () => place.folder.makeFolder(name));
    try {
      const isEmpty = (await folder.names()).length === 0;
      if (!isEmpty || !(await isOwn(folder))) throw exchanged(place.path);
    } catch (error) {
      await folder.close();
      throw error;
    }
    return new Workshop(place, folder, name);
  }

  /** Removes what an instance in a process that has died has left: it is known by its name and owner. */
  static async clear(place: Located, owner: WorkOwner): Promise<void> {
    const prefix = prefixOf(place, owner);
    const names = await withFile('read', place.path, () => place.folder.names());
    for (const name of names.map(String)) {
      if (!name.startsWith(prefix) || !name.endsWith(SUFFIX)) continue;
      const folder = await place.folder.folder(name).catch(() => null);
      if (folder === null) continue;
      const workshop = new Workshop(place, folder, name);
      if (await isOwn(folder)) await workshop.discard();
      else await folder.close();
    }
  }

  /** Where the work is made. Nothing of others has its name, in whatever folder. */
  get content(): Spot {
    const name = this.name.slice(1, -SUFFIX.length);
    return { folder: this.folder, name, path: this.place.path };
  }

  /** Ends it with what was made. @throws TaskException that names what cannot be removed */
  async discard(): Promise<void> {
    try {
      await removeTree(this.content);
    } finally {
      await this.close();
    }
  }

  /** Ends it. What is at its name now, or where it was moved to, stays unless it is an empty folder. */
  async close(): Promise<void> {
    await this.folder.close();
    await rmdir(this.place.folder.at(this.name)).catch(() => undefined);
  }
}

/** Other servers have tasks of the same number, but not of the same caller with the same aim. */
function prefixOf({ path }: Located, { id, environment }: WorkOwner): string {
  const caller = JSON.stringify([id, environment['SENDER_ADDRESS'], path]);
  const digest = createHash('sha256').update(caller).digest('hex').slice(0, 12);
  return `${PREFIX}${id}-${digest}-`;
}

/**
 * Whether a folder was made by the server's user for itself. On a file system that keeps no owners or
 * modes of its own, as FAT and shares from elsewhere, that cannot be told, nor does it matter there.
 */
async function isOwn(folder: FolderHandle): Promise<boolean> {
  const { uid, mode } = folder.stats;
  if (uid === OWN_UID && (mode & OTHERS_WRITE) === 0n) return true;
  const probe = `probe-${randomBytes(8).toString('hex')}`;
  const handle = await open(folder.at(probe), 'wx', 0o600);
  try {
    const stats = await handle.stat({ bigint: true });
    return stats.uid !== OWN_UID || (stats.mode & OTHERS) !== 0n;
  } finally {
    await handle.close();
    await unlink(folder.at(probe));
  }
}

function exchanged(path: string): TaskException {
  const message = `Cannot create ${path}: the folder to work in was exchanged meanwhile`;
  return new TaskException(Errno.EBUSY, message, { path });
}
