import type { StorageMountChange } from '../schemas/storage-mount.schema.js';
import type { MountInfo } from './mountinfo.js';

/**
 * What happened to the mounts between two readings: first what went, the innermost first, then what
 * came or changed, in the order of mounting.
 */
export function mountChanges(
  before: readonly MountInfo[],
  after: readonly MountInfo[],
): StorageMountChange[] {
  const old = new Map(before.map((mount) => [mount.id, mount]));
  const present = new Map(after.map((mount) => [mount.id, mount]));
  const removed = before.filter((mount) => !isSame(mount, present.get(mount.id))).reverse();
  const others = after.flatMap((mount) => toChange(old.get(mount.id), mount) ?? []);
  return [...removed.map((mount) => ({ ...mount, change: 'removed' as const })), ...others];
}

function toChange(before: MountInfo | undefined, after: MountInfo): StorageMountChange | null {
  if (!isSame(after, before)) return { ...after, change: 'added' };
  // Both were made by one parser, hence with their fields in one order
  if (JSON.stringify(before) === JSON.stringify(after)) return null;
  return { ...after, change: 'changed' };
}

/** The kernel gives the id of a mount that went to the next that comes: an id alone says nothing. */
function isSame(one: MountInfo, other: MountInfo | undefined): boolean {
  return (
    one.device_number === other?.device_number &&
    one.source === other.source &&
    one.root === other.root &&
    one.type === other.type
  );
}
