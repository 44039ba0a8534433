import { Errno, TaskException } from 'dispatcher';
import type { Located } from '../handles/located.js';
import { type TreeEntry, walkTree, type WalkOptions } from './tree-walk.js';

/** What a tree holds: see the schema of that name. */
export interface TreeTotals {
  readonly bytes: number;
  readonly files: number;
  readonly directories: number;
  readonly links: number;
  readonly skipped: number;
}

/** Counts what was found in a tree. */
export class TotalsCounter {
  readonly #totals = { bytes: 0, files: 0, directories: 0, links: 0, skipped: 0 };

  add({ kind }: Pick<TreeEntry, 'kind'>, bytes = 0): void {
    if (kind === 'file') this.#totals.files += 1;
    else if (kind === 'directory') this.#totals.directories += 1;
    else if (kind === 'link') this.#totals.links += 1;
    this.#totals.bytes += bytes;
  }

  skip(): void {
    this.#totals.skipped += 1;
  }

  get totals(): TreeTotals {
    return { ...this.#totals };
  }
}

/** What a tree holds, before it is read: for a progress that knows its end. */
export async function sizeOfTree(root: Located, options: WalkOptions): Promise<TreeTotals> {
  const counter = new TotalsCounter();
  for await (const entry of walkTree(root, { ...options, onSkip: () => undefined })) {
    counter.add(entry, entry.kind === 'file' ? Number(entry.stats.size) : 0);
  }
  return counter.totals;
}

/**
 * Nothing at all was found: the root itself is a socket, a pipe or a device, or has vanished.
 *
 * @throws TaskException EINVAL
 */
export function refuseNothing(action: string, totals: TreeTotals, source: string): void {
  if (totals.files + totals.directories + totals.links > 0) return;
  throw new TaskException(
    Errno.EINVAL,
    `Cannot ${action} ${source}: it is no file, folder or link, or has vanished`,
    { path: source },
  );
}
