import { description } from 'dispatcher';
import { Type } from 'class-transformer';
import { IsInt, Min, ValidateNested } from 'class-validator';

export class SystemSwap {
  @IsInt()
  @Min(0)
  readonly total_bytes!: number;

  @IsInt()
  @Min(0)
  readonly used_bytes!: number;

  @IsInt()
  @Min(0)
  readonly free_bytes!: number;
}

@description('How much memory there is and how much of it is in use')
export class SystemMemory {
  @IsInt()
  @Min(0)
  readonly total_bytes!: number;

  @description('Total less available')
  @IsInt()
  @Min(0)
  readonly used_bytes!: number;

  @description('What programs can still get without swapping; caches that can be dropped included')
  @IsInt()
  @Min(0)
  readonly available_bytes!: number;

  @description('Used for nothing at all')
  @IsInt()
  @Min(0)
  readonly free_bytes!: number;

  @description('Buffers and page cache')
  @IsInt()
  @Min(0)
  readonly cached_bytes!: number;

  @ValidateNested()
  @Type(() => SystemSwap)
  readonly swap!: SystemSwap;
}
