import type { DeviceType, StorageSignature, Transport } from '../schemas/storage-device.schema.js';

/** What tells the type of a block device. */
export interface DeviceTraits {
  readonly name: string;
  /** Names in its folder: partitions, loop, RAID and mapped devices have an entry of their own. */
  readonly entries: ReadonlySet<string>;
  /** `dm/uuid`: the program that made a mapped device puts its own name in front. */
  readonly mapperUuid: string | null;
  /** `device/type`: the SCSI class of the disk. */
  readonly scsiType: string | null;
}

const SCSI_OPTICAL = '5';

export function deviceType({ name, entries, mapperUuid, scsiType }: DeviceTraits): DeviceType {
  if (entries.has('partition')) return 'partition';
  if (entries.has('dm')) return mappedType(mapperUuid ?? '');
  if (entries.has('md')) return 'raid';
  if (/^loop\d/.test(name)) return 'loop';
  if (/^z?ram\d/.test(name)) return 'memory';
  return scsiType === SCSI_OPTICAL ? 'optical' : 'disk';
}

function mappedType(uuid: string): DeviceType {
  if (uuid.startsWith('LVM-')) return 'lvm';
  if (uuid.startsWith('CRYPT-')) return 'crypt';
  if (uuid.startsWith('mpath-')) return 'multipath';
  return /^part\d+-/.test(uuid) ? 'partition' : 'mapped';
}

const TRANSPORT_PATHS: readonly (readonly [RegExp, Transport])[] = [
  // usb and iscsi before the rest: their disks appear as SCSI hosts further down the path.
  [/\/usb\d+\//, 'usb'],
  [/\/session\d+\//, 'iscsi'],
  [/\/rport-/, 'fc'],
  [/\/nvme/, 'nvme'],
  [/\/virtio\d+\//, 'virtio'],
  [/\/ata\d+\//, 'ata'],
  [/\/mmc_host\//, 'mmc'],
  [/\/vbd-\d+\//, 'xen'],
];

/** How a disk is attached, from its place in the kernel's tree of devices. */
export function transportOf(link: string): Transport | null {
  return TRANSPORT_PATHS.find(([pattern]) => pattern.test(link))?.[1] ?? null;
}

/** The kernel writes the slash of names such as `cciss/c0d0` as an exclamation mark. */
export function devicePath(name: string): string {
  return `/dev/${name.replaceAll('!', '/')}`;
}

/** Properties of a device from udev's record of it: lines `E:NAME=value` among others. */
export function parseUdevRecord(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/^E:([^=\n]+)=(.*)$/gm)) {
    if (name !== undefined && value !== undefined) properties.set(name, value);
  }
  return properties;
}

/** What udev found written on the device; null when it found nothing it knows. */
export function toSignature(properties: ReadonlyMap<string, string>): StorageSignature | null {
  const type = properties.get('ID_FS_TYPE');
  if (type === undefined || type === '') return null;
  return {
    type,
    uuid: properties.get('ID_FS_UUID') ?? null,
    label: properties.get('ID_FS_LABEL') ?? null,
  };
}
