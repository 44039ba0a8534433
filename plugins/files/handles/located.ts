import type { BigIntStats } from 'node:fs';
import type { FolderHandle } from 'dispatcher';

/** Where a path leads: the folder it lies in, held open, and its name there. */
export interface Located {
  /** The path without links in the folders before its last name. */
  readonly path: string;
  readonly folder: FolderHandle;
  /** Empty for `/`, which lies in itself. */
  readonly name: string;
  /** What was there; null for nothing. */
  readonly stats: BigIntStats | null;
  /** Held open, if it was a folder. */
  readonly self: FolderHandle | null;
  /** The identities of the folders that lead to it, from `/` on. */
  readonly chain: readonly string[];
}

/** A name in a folder that is held open, and the path to call it by. */
export type Spot = Pick<Located, 'path' | 'folder' | 'name'>;

export async function closeLocated({ folder, self }: Located): Promise<void> {
  await folder.close();
  await self?.close();
}
