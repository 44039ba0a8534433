import { Errno, fileId, type FolderHandle, TaskException } from 'dispatcher';
import type { BigIntStats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Spot } from './located.js';

const ROOTS_KEY = 'files.roots';

export interface ReachParts {
  /** Identities of the folders below which the work has to stay; null for none. */
  readonly roots: ReadonlySet<string> | null;
  /** Paths of the server's own files and folders. */
  readonly own: readonly string[];
}

/**
 * How far a task may reach: below which folders, and never into what is the server's own. Told by
 * what the folders are, not by their paths, of which one folder can have several.
 */
export class Reach {
  private constructor(
    private readonly roots: ReadonlySet<string> | null,
    /** Of files and folders that are there. */
    private readonly ownIds: ReadonlySet<string>,
    /** Of names in folders, for what is put there meanwhile. */
    private readonly ownNames: ReadonlySet<string>,
  ) {}

  static readonly EVERYWHERE = new Reach(null, new Set(), new Set());

  static async of({ roots, own }: ReachParts): Promise<Reach> {
    const places = await Promise.all(own.map(identify));
    return new Reach(
      roots,
      new Set(places.flatMap(({ id }) => id ?? [])),
      new Set(places.flatMap(({ name }) => name ?? [])),
    );
  }

  /** The same without a folder. */
  without({ id }: FolderHandle): Reach {
    return new Reach(this.roots, new Set([...this.ownIds, id]), this.ownNames);
  }

  /** Whether it is the server's own, or the folder that the task works in. */
  isOwn({ folder, name }: Pick<Spot, 'folder' | 'name'>, stats: BigIntStats): boolean {
    return this.ownIds.has(fileId(stats)) || this.ownNames.has(nameId(folder, name));
  }

  /** @throws TaskException EPERM for what is the server's own */
  assertForeign(spot: Spot, stats: BigIntStats): void {
    if (this.isOwn(spot, stats)) throw isTheServers(spot.path);
  }

  /** The same for what is not there yet. @throws TaskException EPERM */
  assertForeignName({ folder, name, path }: Spot): void {
    if (this.ownNames.has(nameId(folder, name))) throw isTheServers(path);
  }

  /** @throws TaskException EACCES when neither the place nor a folder before it is a root */
  assertInside(path: string, chain: readonly string[], self: FolderHandle | null): void {
    const { roots } = this;
    if (roots === null || chain.some((id) => roots.has(id))) return;
    if (self !== null && roots.has(self.id)) return;
    throw new TaskException(
      Errno.EACCES,
      `Cannot find ${path}: without the role admin, tasks work only below the folders that the setting ${ROOTS_KEY} lists`,
      { path, setting: ROOTS_KEY },
    );
  }
}

function nameId(folder: FolderHandle, name: string): string {
  return `${folder.id}/${name}`;
}

function isTheServers(path: string): TaskException {
  return new TaskException(
    Errno.EPERM,
    `Cannot use ${path}: it is the server's own, as its state, keys, configuration and plugins are`,
    { path },
  );
}

/** What is there, and which name of which folder it is; null where there is none. */
async function identify(path: string): Promise<{ id: string | null; name: string | null }> {
  const real = await realpath(path).catch(() => path);
  const [own, folder] = await Promise.all([statOrNull(real), statOrNull(dirname(real))]);
  return {
    id: own === null ? null : fileId(own),
    name: folder === null ? null : `${fileId(folder)}/${basename(real)}`,
  };
}

async function statOrNull(path: string): Promise<BigIntStats | null> {
  return lstat(path, { bigint: true }).catch(() => null);
}
