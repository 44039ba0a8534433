import { basename, dirname } from 'node:path';
import type { StorageDevice } from '../schemas/storage-device.schema.js';
import {
  devicePath,
  deviceType,
  parseUdevRecord,
  toSignature,
  transportOf,
} from './device-files.js';
import { readLink, readNames, readText } from './kernel-files.js';

/** Folders of the host; tests put trees of their own here. */
export interface DeviceFolders {
  readonly block: string;
  readonly udev: string;
}

const HOST: DeviceFolders = { block: '/sys/class/block', udev: '/run/udev/data' };

/** Whatever the size of its blocks, the kernel counts the size of a device in sectors of these. */
const SECTOR_BYTES = 512;

type DeviceRow = Omit<StorageDevice, 'children'>;

/** Reads all block devices that have a size: unused loop devices and empty drives have none. */
export async function readDevices(folders: DeviceFolders = HOST): Promise<StorageDevice[]> {
  const names = await readNames(folders.block);
  const rows = await Promise.all(names.map((name) => readDevice(name, folders)));
  return withChildren(rows.filter((row) => row !== null));
}

/** Completes the relation: the kernel lists children of some kinds of devices only. */
function withChildren(rows: readonly DeviceRow[]): StorageDevice[] {
  const children = new Map<string, string[]>(rows.map(({ name }) => [name, []]));
  for (const { name, parents } of rows) {
    for (const parent of parents) children.get(parent)?.push(name);
  }
  const order = new Intl.Collator('en', { numeric: true });
  return rows
    .map((row) => ({ ...row, children: (children.get(row.name) ?? []).sort(order.compare) }))
    .sort((a, b) => order.compare(a.name, b.name));
}

async function readDevice(name: string, folders: DeviceFolders): Promise<DeviceRow | null> {
  const folder = `${folders.block}/${name}`;
  const [sectors, hidden, link, entries] = await Promise.all([
    readText(`${folder}/size`),
    readText(`${folder}/hidden`),
    readLink(folder),
    readNames(folder),
  ]);
  // Hidden are the single paths of an NVMe disk that has several: the disk itself is listed too.
  if (!(Number(sectors) > 0) || hidden === '1') return null;
  const found = { name, folder, link: link ?? '', entries: new Set(entries) };
  const [own, disk, udev, parents] = await Promise.all([
    readOwnFiles(folder),
    readDiskFiles(found.entries.has('partition') ? `${folder}/..` : folder),
    readUdev(folder, folders.udev),
    readParents(found),
  ]);
  return {
    name,
    path: devicePath(name),
    type: deviceType({ ...found, mapperUuid: own.mapperUuid, scsiType: disk.scsiType }),
    alias: own.mapperName,
    size_bytes: Number(sectors) * SECTOR_BYTES,
    block_size_bytes: Number(disk.blockSize ?? SECTOR_BYTES),
    is_read_only: own.readOnly === '1',
    is_removable: disk.removable === '1',
    is_rotational: disk.rotational === null ? null : disk.rotational === '1',
    transport: transportOf(found.link),
    model: disk.model,
    serial: udev.get('ID_SERIAL_SHORT') ?? disk.serial,
    signature: toSignature(udev),
    backing_file: own.backingFile,
    parents,
  };
}

/** Reads several files at once, each into the property of its name. */
async function readFiles<K extends string>(
  folder: string,
  files: Readonly<Record<K, string>>,
): Promise<Readonly<Record<K, string | null>>> {
  const keys = Object.keys(files) as K[];
  const texts = await Promise.all(keys.map((key) => readText(`${folder}/${files[key]}`)));
  return Object.fromEntries(keys.map((key, index) => [key, texts[index] ?? null])) as Record<
    K,
    string | null
  >;
}

function readOwnFiles(folder: string) {
  return readFiles(folder, {
    readOnly: 'ro',
    mapperName: 'dm/name',
    mapperUuid: 'dm/uuid',
    backingFile: 'loop/backing_file',
  });
}

/** What only a whole disk has; a partition has it from its disk. */
async function readDiskFiles(folder: string) {
  const { blockSerial, deviceSerial, ...files } = await readFiles(folder, {
    removable: 'removable',
    rotational: 'queue/rotational',
    blockSize: 'queue/logical_block_size',
    model: 'device/model',
    scsiType: 'device/type',
    deviceSerial: 'device/serial',
    blockSerial: 'serial',
  });
  return { ...files, serial: deviceSerial ?? blockSerial };
}

async function readUdev(folder: string, udev: string): Promise<ReadonlyMap<string, string>> {
  const number = await readText(`${folder}/dev`);
  return parseUdevRecord((await readText(`${udev}/b${number ?? ''}`)) ?? '');
}

interface Found {
  readonly folder: string;
  readonly link: string;
  readonly entries: ReadonlySet<string>;
}

/** A partition's folder lies in its disk's; what is made from other devices lists them. */
async function readParents({ folder, link, entries }: Found): Promise<readonly string[]> {
  if (entries.has('partition')) return [basename(dirname(link))];
  return [...(await readNames(`${folder}/slaves`))].sort();
}
