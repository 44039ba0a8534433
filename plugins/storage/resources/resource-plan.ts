import type { StorageDevice } from '../schemas/storage-device.schema.js';
import { folderOf, type MountedPaths } from './mounted-paths.js';

/** What of a device a plan needs. */
export type PlannedDevice = Pick<
  StorageDevice,
  'name' | 'path' | 'type' | 'alias' | 'backing_file' | 'parents'
>;

/** Resources with their parents; each parent stands before what it carries. */
export type ResourcePlan = ReadonlyMap<string, readonly string[]>;

export interface PlanInput {
  readonly devices: readonly PlannedDevice[];
  readonly mounted: MountedPaths;
  /** Names of the devices of file systems, by device number. */
  readonly deviceNames: ReadonlyMap<string, string>;
  /** Paths that tasks claim, each as `placeOf` gives it. */
  readonly paths: Iterable<string>;
}

/** `disk:/dev/sda`, `partition:/dev/sda1`, `lvm:/dev/dm-0`: the type and the file of a device. */
function deviceResource({ type, path }: Pick<PlannedDevice, 'type' | 'path'>): string {
  return `${type}:${path}`;
}

export function pathResource(path: string): string {
  return `path:${path}`;
}

/**
 * The resources that there should be: an edge leads from what carries something to what is carried,
 * from disks over partitions and what is made of them to file systems, from a file system to loop
 * devices whose files it holds, and to the paths on it that tasks claim. A file system does not
 * depend on the one that its mount point happens to lie in.
 */
export function planResources(input: PlanInput): ResourcePlan {
  const { devices, mounted, paths } = input;
  const byName = new Map(devices.map((device) => [device.name, device]));
  const wanted = new Map<string, readonly string[]>();
  for (const device of devices)
    wanted.set(deviceResource(device), parentsOfDevice(device, byName, mounted));
  for (const { resource, mount } of mounted.fileSystems()) {
    const name = input.deviceNames.get(mount.device_number);
    const device =
      (name === undefined ? undefined : byName.get(name)) ?? bySource(devices, mount.source);
    wanted.set(resource, device === undefined ? [] : [deviceResource(device)]);
  }
  const claimed = new Set(paths);
  for (const path of claimed) wanted.set(pathResource(path), parentsOfPath(path, claimed, mounted));
  return ordered(wanted);
}

function parentsOfDevice(
  { parents, backing_file }: PlannedDevice,
  byName: ReadonlyMap<string, PlannedDevice>,
  mounted: MountedPaths,
): string[] {
  const devices = parents.flatMap((name) => byName.get(name) ?? []).map(deviceResource);
  const carrier = backing_file === null ? null : mounted.placeOf(backing_file).fileSystem;
  return carrier === null ? devices : [...devices, carrier.resource];
}

function bySource(devices: readonly PlannedDevice[], source: string): PlannedDevice | undefined {
  return devices.find(
    ({ path, alias }) => path === source || (alias !== null && source === `/dev/mapper/${alias}`),
  );
}

/** The nearest claimed folder above it, and its file system where that folder lies on another. */
function parentsOfPath(
  path: string,
  claimed: ReadonlySet<string>,
  mounted: MountedPaths,
): string[] {
  const own = mounted.placeOf(path).fileSystem?.resource;
  for (let above = path; above !== '/';) {
    above = folderOf(above);
    if (!claimed.has(above)) continue;
    const other = mounted.placeOf(above).fileSystem?.resource;
    return own === undefined || own === other ? [pathResource(above)] : [pathResource(above), own];
  }
  return own === undefined ? [] : [own];
}

/** Parents first. An edge that would close a cycle, or lead to nothing, is left out. */
function ordered(wanted: ReadonlyMap<string, readonly string[]>): ResourcePlan {
  const plan = new Map<string, readonly string[]>();
  const open = new Set<string>();
  const visit = (name: string): boolean => {
    const parents = wanted.get(name);
    if (parents === undefined || open.has(name)) return false;
    if (plan.has(name)) return true;
    open.add(name);
    const kept = parents.filter((parent) => visit(parent));
    open.delete(name);
    plan.set(name, kept);
    return true;
  };
  for (const name of wanted.keys()) visit(name);
  return plan;
}
