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

export class StorageCapacity {
  @IsInt()
  @Min(0)
  readonly total_bytes!: number;

  @IsInt()
  @Min(0)
  readonly used_bytes!: number;

  @IsInt()
  @Min(0)
  readonly free_bytes!: number;

  @description('Free for users other than root')
  @IsInt()
  @Min(0)
  readonly available_bytes!: number;

  @description('Zero on file systems that make inodes as needed')
  @IsInt()
  @Min(0)
  readonly total_inodes!: number;

  @IsInt()
  @Min(0)
  readonly free_inodes!: number;
}

@description('What is mounted where')
class StorageMountPoint {
  @IsInt()
  @Min(0)
  readonly id!: number;

  @description('Id of the mount it lies in')
  @IsInt()
  @Min(0)
  readonly parent_id!: number;

  @description('Where it is mounted')
  @IsString()
  readonly target!: string;

  @description('What is mounted: a device file, a share, or a name without meaning')
  @IsString()
  readonly source!: string;

  @description('Which part of the file system is seen; "/" for the whole')
  @IsString()
  readonly root!: string;

  @description('For example "ext4"')
  @IsString()
  readonly type!: string;

  @description('Options of the mount, then those of the file system')
  @IsArray()
  @IsString({ each: true })
  readonly options!: readonly string[];

  @IsBoolean()
  readonly is_read_only!: boolean;

  @description('Major and minor number of the device, for example "8:1"')
  @IsString()
  readonly device_number!: string;
}

@description('A mounted file system')
export class StorageMount extends StorageMountPoint {
  @description(
    'Null for a file system without a size, for one hidden by a later mount, and for a server that does not answer in time',
  )
  @IsOptional()
  @ValidateNested()
  @Type(() => StorageCapacity)
  readonly capacity!: StorageCapacity | null;
}

export const MOUNT_CHANGES = ['added', 'removed', 'changed'] as const;

@description('A mount that came, went, or was given other options or another place')
export class StorageMountChange extends StorageMountPoint {
  @description('The other fields tell the state after it; of a removed mount, the last one')
  @IsIn(MOUNT_CHANGES)
  readonly change!: (typeof MOUNT_CHANGES)[number];
}
