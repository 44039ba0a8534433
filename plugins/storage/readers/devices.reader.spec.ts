import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StorageDevice } from '../schemas/storage-device.schema.js';
import { readDevices } from './devices.reader.js';

// A host with one disk, whose second partition carries an encrypted volume below an LVM volume, as
// the kernel shows it: one folder of links into the tree of devices.
const DEVICES = 'devices';
const FILES: Readonly<Record<string, string>> = {
  'pci/ata1/block/sda/size': '2000409264\n',
  'pci/ata1/block/sda/dev': '8:0\n',
  'pci/ata1/block/sda/ro': '0\n',
  'pci/ata1/block/sda/removable': '1\n',
  'pci/ata1/block/sda/queue/rotational': '0\n',
  'pci/ata1/block/sda/queue/logical_block_size': '4096\n',
  'pci/ata1/block/sda/device/model': 'Samsung SSD 860 \n',
  'pci/ata1/block/sda/sda1/size': '2048\n',
  'pci/ata1/block/sda/sda1/partition': '1\n',
  'pci/ata1/block/sda/sda1/ro': '1\n',
  'pci/ata1/block/sda/sda10/size': '2048\n',
  'pci/ata1/block/sda/sda10/partition': '10\n',
  'pci/ata1/block/sda/sda2/size': '4096\n',
  'pci/ata1/block/sda/sda2/partition': '2\n',
  'pci/ata1/block/sda/sda2/dev': '8:2\n',
  'virtual/block/dm-0/size': '4000\n',
  'virtual/block/dm-0/dm/name': 'luks-data\n',
  'virtual/block/dm-0/dm/uuid': 'CRYPT-LUKS2-x\n',
  'virtual/block/dm-0/slaves/sda2/size': '',
  'virtual/block/dm-1/size': '3000\n',
  'virtual/block/dm-1/dm/name': 'vg-media\n',
  'virtual/block/dm-1/dm/uuid': 'LVM-x\n',
  'virtual/block/dm-1/slaves/dm-0/size': '',
  'virtual/block/loop0/size': '8\n',
  'virtual/block/loop0/loop/backing_file': '/srv/image file.iso\n',
  'virtual/block/loop1/size': '0\n',
  'virtual/nvme/nvme0c0n1/size': '100\n',
  'virtual/nvme/nvme0c0n1/hidden': '1\n',
  'virtual/block/broken/size': 'many\n',
};

let root: string;
let devices: ReadonlyMap<string, StorageDevice>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'devices-'));
  await mkdir(join(root, 'block'));
  await mkdir(join(root, 'udev'));
  for (const [path, text] of Object.entries(FILES)) {
    const file = join(root, DEVICES, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    const isDevice = path.endsWith('/size') && !path.includes('/slaves/');
    const folder = dirname(path);
    if (isDevice) {
      await symlink(join('..', DEVICES, folder), join(root, 'block', folder.split('/').at(-1)!));
    }
  }
  await writeFile(join(root, 'udev', 'b8:0'), 'E:ID_SERIAL_SHORT=S3Z9\n');
  await writeFile(join(root, 'udev', 'b8:2'), 'E:ID_FS_TYPE=crypto_LUKS\nE:ID_FS_UUID=u-1\n');
  const rows = await readDevices({ block: join(root, 'block'), udev: join(root, 'udev') });
  devices = new Map(rows.map((row) => [row.name, row]));
});

afterAll(() => rm(root, { recursive: true }));

describe('the list of block devices', () => {
  it('is ordered by name as people count, without devices that are empty, hidden or broken', () => {
    expect([...devices.keys()]).toEqual(['dm-0', 'dm-1', 'loop0', 'sda', 'sda1', 'sda2', 'sda10']);
  });

  it('describes a disk with what its driver and udev know', () => {
    expect(devices.get('sda')).toEqual({
      name: 'sda',
      path: '/dev/sda',
      type: 'disk',
      alias: null,
      size_bytes: 2_000_409_264 * 512,
      block_size_bytes: 4096,
      is_read_only: false,
      is_removable: true,
      is_rotational: false,
      transport: 'ata',
      model: 'Samsung SSD 860',
      serial: 'S3Z9',
      signature: null,
      backing_file: null,
      parents: [],
      children: ['sda1', 'sda2', 'sda10'],
    });
  });

  it('describes a partition with its own facts and those of its disk', () => {
    expect(devices.get('sda1')).toMatchObject({
      type: 'partition',
      is_read_only: true,
      is_removable: true,
      block_size_bytes: 4096,
      model: 'Samsung SSD 860',
      parents: ['sda'],
    });
  });

  it('follows what is built on a partition, level by level', () => {
    expect(devices.get('sda2')).toMatchObject({
      signature: { type: 'crypto_LUKS', uuid: 'u-1', label: null },
      children: ['dm-0'],
    });
    expect(devices.get('dm-0')).toMatchObject({
      type: 'crypt',
      alias: 'luks-data',
      parents: ['sda2'],
      children: ['dm-1'],
    });
    expect(devices.get('dm-1')).toMatchObject({ type: 'lvm', parents: ['dm-0'], children: [] });
  });

  it('names the file behind a loop device', () => {
    expect(devices.get('loop0')).toMatchObject({
      type: 'loop',
      backing_file: '/srv/image file.iso',
      transport: null,
      is_rotational: null,
    });
  });

  it('is empty on a host without such folders', async () => {
    expect(await readDevices({ block: join(root, 'no'), udev: join(root, 'no') })).toEqual([]);
  });
});
