import { description } from 'dispatcher';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsInt,
  IsOptional,
  IsString,
  Min,
  ValidateNested,
} from 'class-validator';

export class SystemCpu {
  @IsOptional()
  @IsString()
  readonly manufacturer!: string | null;

  @IsOptional()
  @IsString()
  readonly model!: string | null;

  @IsInt()
  @Min(1)
  readonly sockets!: number;

  @IsInt()
  @Min(1)
  readonly physical_cores!: number;

  @description('Processors as the scheduler counts them, simultaneous threads included')
  @IsInt()
  @Min(1)
  readonly logical_cores!: number;

  @description('Highest clock speed; null when the firmware does not tell')
  @IsOptional()
  @IsInt()
  @Min(1)
  readonly max_speed_mhz!: number | null;
}

export class SystemMemoryModule {
  @description('Label of the slot on the board')
  @IsOptional()
  @IsString()
  readonly slot!: string | null;

  @IsInt()
  @Min(1)
  readonly size_bytes!: number;

  @description('For example "DDR5"')
  @IsString()
  readonly type!: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  readonly speed_mhz!: number | null;

  @IsOptional()
  @IsString()
  readonly manufacturer!: string | null;

  @IsOptional()
  @IsString()
  readonly part_number!: string | null;

  @IsOptional()
  @IsString()
  readonly serial!: string | null;
}

@description('What the machine is made of')
export class SystemHardware {
  @IsOptional()
  @IsString()
  readonly manufacturer!: string | null;

  @IsOptional()
  @IsString()
  readonly model!: string | null;

  @description('Null unless the dispatcher runs as root and the firmware carries one')
  @IsOptional()
  @IsString()
  readonly serial!: string | null;

  @description('Identifier given by the firmware; null unless the dispatcher runs as root')
  @IsOptional()
  @IsString()
  readonly uuid!: string | null;

  @description('Whether a hypervisor runs this machine; null when nothing tells')
  @IsOptional()
  @IsBoolean()
  readonly is_virtual!: boolean | null;

  @ValidateNested()
  @Type(() => SystemCpu)
  readonly cpu!: SystemCpu;

  @description('Modules in their slots; empty when the firmware lists none or hides them')
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => SystemMemoryModule)
  readonly memory_modules!: readonly SystemMemoryModule[];
}
