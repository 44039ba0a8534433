import { description } from 'dispatcher';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsNumber, IsString, Max, Min, ValidateNested } from 'class-validator';
import { SystemMemory } from './system-memory.schema.js';

@description('Runnable and uninterruptible processes, averaged')
export class SystemLoadAverages {
  @IsNumber()
  @Min(0)
  readonly one_minute!: number;

  @IsNumber()
  @Min(0)
  readonly five_minutes!: number;

  @IsNumber()
  @Min(0)
  readonly fifteen_minutes!: number;
}

export class SystemCpuLoad {
  @description('Name given by the kernel, for example "cpu0"')
  @IsString()
  readonly name!: string;

  @IsNumber()
  @Min(0)
  @Max(100)
  readonly busy_percent!: number;
}

@description('Load averages, and how busy the processors were since the previous reading')
export class SystemLoad {
  @ValidateNested()
  @Type(() => SystemLoadAverages)
  readonly averages!: SystemLoadAverages;

  @description('All processors together; the first reading covers the time since boot')
  @IsNumber()
  @Min(0)
  @Max(100)
  readonly busy_percent!: number;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => SystemCpuLoad)
  readonly cpus!: readonly SystemCpuLoad[];
}

@description('How busy the machine was since the previous tick')
export class SystemLoadTick extends SystemLoad {
  @ValidateNested()
  @Type(() => SystemMemory)
  readonly memory!: SystemMemory;

  @description('Until the next tick; the configuration key "system.load.interval"')
  @IsInt()
  @Min(1)
  readonly interval_seconds!: number;
}
