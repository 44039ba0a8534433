import { describe, expect, it } from 'vitest';
import {
  devicePath,
  deviceType,
  parseUdevRecord,
  toSignature,
  transportOf,
} from './device-files.js';

function typeOf(
  name: string,
  entries: string[] = [],
  texts: { uuid?: string; scsi?: string } = {},
) {
  return deviceType({
    name,
    entries: new Set(entries),
    mapperUuid: texts.uuid ?? null,
    scsiType: texts.scsi ?? null,
  });
}

describe('the type of a block device', () => {
  it('is told from the entries of its folder', () => {
    expect(typeOf('sda', ['device', 'queue'])).toBe('disk');
    expect(typeOf('sda1', ['partition'])).toBe('partition');
    expect(typeOf('md127', ['md', 'slaves'])).toBe('raid');
    expect(typeOf('sr0', ['device'], { scsi: '5' })).toBe('optical');
  });

  it('is told from the name where there is nothing else', () => {
    expect(typeOf('loop0')).toBe('loop');
    expect(typeOf('zram0')).toBe('memory');
    expect(typeOf('ram15')).toBe('memory');
    expect(typeOf('looper')).toBe('disk');
  });

  it.each([
    ['LVM-abc', 'lvm'],
    ['CRYPT-LUKS2-abc-luks', 'crypt'],
    ['mpath-3600', 'multipath'],
    ['part1-mpath-3600', 'partition'],
    ['', 'mapped'],
    ['other', 'mapped'],
  ])('of a mapped device with the mark %j is %s', (uuid, type) => {
    expect(typeOf('dm-0', ['dm'], { uuid })).toBe(type);
  });
});

describe('the way a disk is attached', () => {
  const PCI = '../../devices/pci0000:00/0000:00:1f.2';
  it.each([
    [`${PCI}/ata1/host0/target0:0:0/0:0:0:0/block/sda`, 'ata'],
    [`${PCI}/usb1/1-1/1-1:1.0/host4/target4:0:0/4:0:0:0/block/sdb`, 'usb'],
    [`${PCI}/nvme/nvme0/nvme0n1`, 'nvme'],
    ['../../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1', 'nvme'],
    [`${PCI}/virtio1/block/vda/vda1`, 'virtio'],
    ['../../devices/platform/host3/session1/target3:0:0/3:0:0:0/block/sdc', 'iscsi'],
    ['../../devices/platform/soc/mmc_host/mmc0/mmc0:0001/block/mmcblk0', 'mmc'],
    ['../../devices/virtual/block/loop0', null],
    ['', null],
  ])('by %s is %s', (link, transport) => {
    expect(transportOf(link)).toBe(transport);
  });
});

describe('the file of a device', () => {
  it('has slashes where the kernel writes exclamation marks', () => {
    expect(devicePath('cciss!c0d0p1')).toBe('/dev/cciss/c0d0p1');
  });
});

describe("udev's record of a device", () => {
  it('tells the file system written on it', () => {
    const text = `S:disk/by-uuid/0a1b
I:12345
E:ID_SERIAL_SHORT=S3Z=1
E:ID_FS_TYPE=ext4
E:ID_FS_UUID=0a1b
G:systemd
`;
    const properties = parseUdevRecord(text);
    expect(properties.get('ID_SERIAL_SHORT')).toBe('S3Z=1');
    expect(toSignature(properties)).toEqual({ type: 'ext4', uuid: '0a1b', label: null });
  });

  it('tells none for a device without one, and for lines of another form', () => {
    expect(toSignature(parseUdevRecord(''))).toBeNull();
    expect(toSignature(parseUdevRecord('E:\nE:=x\nID_FS_TYPE=ext4\nE:ID_FS_TYPE=\n'))).toBeNull();
  });
});
