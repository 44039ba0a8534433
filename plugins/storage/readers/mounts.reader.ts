import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StorageCapacity, StorageMount } from '../schemas/storage-mount.schema.js';
import type { CapacityReader } from './capacity.reader.js';
import { readMountInfo } from './mount-info.reader.js';
import { type MountInfo, parseMountInfo } from './mountinfo.js';

/**
 * Ids of the mounts that can be reached: of several mounts at one place the last covers the others,
 * and asking that place for a size tells the last one's.
 */
export function visibleIds(mounts: readonly MountInfo[]): ReadonlySet<number> {
  return new Set(new Map(mounts.map((mount) => [mount.target, mount.id])).values());
}

export async function readMounts(
  capacities: Pick<CapacityReader, 'read'>,
): Promise<readonly StorageMount[]> {
  const mounts = parseMountInfo(await readMountInfo());
  const visible = visibleIds(mounts);
  const answers: Promise<StorageCapacity | null>[] = [];
  for (const { id, type, target } of mounts) {
    answers.push(visible.has(id) ? capacities.read(type, target) : Promise.resolve(null));
    // Starting a child process holds the event loop: never start two in one turn.
    await nextTurn();
  }
  const sizes = await Promise.all(answers);
  return mounts.map((mount, index) => ({ ...mount, capacity: sizes[index] ?? null }));
}
