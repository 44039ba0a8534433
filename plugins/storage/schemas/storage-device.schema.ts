import { description } from 'dispatcher';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Min,
  ValidateNested,
} from 'class-validator';

const DEVICE_TYPES = [
  'disk',
  'partition',
  'optical',
  'loop',
  'memory',
  'raid',
  'lvm',
  'crypt',
  'multipath',
  'mapped',
] as const;

export type DeviceType = (typeof DEVICE_TYPES)[number];

const TRANSPORTS = ['ata', 'fc', 'iscsi', 'mmc', 'nvme', 'usb', 'virtio', 'xen'] as const;

export type Transport = (typeof TRANSPORTS)[number];

/** What udev found at the start of a device: a file system, or the mark of a volume manager. */
export class StorageSignature {
  @description('For example "ext4", "swap" or "LVM2_member"')
  @IsString()
  readonly type!: string;

  @IsOptional()
  @IsString()
  readonly uuid!: string | null;

  @IsOptional()
  @IsString()
  readonly label!: string | null;
}

@description('A block device')
export class StorageDevice {
  @description('Name given by the kernel, for example "sda1"')
  @IsString()
  readonly name!: string;

  @description('The device file')
  @IsString()
  readonly path!: string;

  @IsIn(DEVICE_TYPES)
  readonly type!: DeviceType;

  @description('Name given by the administrator to a mapped device; null for any other')
  @IsOptional()
  @IsString()
  readonly alias!: string | null;

  @IsInt()
  @Min(1)
  readonly size_bytes!: number;

  @IsInt()
  @Min(1)
  readonly block_size_bytes!: number;

  @IsBoolean()
  readonly is_read_only!: boolean;

  @IsBoolean()
  readonly is_removable!: boolean;

  @description('Whether it spins, as far as the driver knows; null for a device without a queue')
  @IsOptional()
  @IsBoolean()
  readonly is_rotational!: boolean | null;

  @description('How the disk is attached; null for a device that is not a disk, or another way')
  @IsOptional()
  @IsIn(TRANSPORTS)
  readonly transport!: Transport | null;

  @IsOptional()
  @IsString()
  readonly model!: string | null;

  @IsOptional()
  @IsString()
  readonly serial!: string | null;

  @description('Null when udev found nothing, or does not run')
  @IsOptional()
  @ValidateNested()
  @Type(() => StorageSignature)
  readonly signature!: StorageSignature | null;

  @description('The file behind a loop device')
  @IsOptional()
  @IsString()
  readonly backing_file!: string | null;

  @description('Names of the devices that this one is a part of or is made from')
  @IsArray()
  @IsString({ each: true })
  readonly parents!: readonly string[];

  @description('Names of the devices that are a part of this one or are made from it')
  @IsArray()
  @IsString({ each: true })
  readonly children!: readonly string[];
}
