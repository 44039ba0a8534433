import { description } from 'dispatcher';
import { IsDate, IsIn, IsInt, IsNumber, IsOptional, IsString, Min } from 'class-validator';

const PROCESS_STATES = [
  'running',
  'sleeping',
  'disk-sleep',
  'stopped',
  'traced',
  'zombie',
  'dead',
  'idle',
  'unknown',
] as const;

export type ProcessState = (typeof PROCESS_STATES)[number];

@description('A running process')
export class SystemProcess {
  @IsInt()
  @Min(1)
  readonly pid!: number;

  @description('Null for the processes that the kernel itself started')
  @IsOptional()
  @IsInt()
  @Min(1)
  readonly parent_pid!: number | null;

  @description('Short name, cut by the kernel to 15 characters')
  @IsString()
  readonly name!: string;

  @description(
    'Program and arguments; null for kernel threads, zombies and processes stuck in the kernel',
  )
  @IsOptional()
  @IsString()
  readonly command!: string | null;

  @IsInt()
  @Min(0)
  readonly uid!: number;

  @description('Local account of the uid; null when there is none')
  @IsOptional()
  @IsString()
  readonly user!: string | null;

  @IsIn(PROCESS_STATES)
  readonly state!: ProcessState;

  @description(
    'Share of one processor since the previous reading, of the whole life at the first; more than 100 with several threads',
  )
  @IsNumber()
  @Min(0)
  readonly cpu_percent!: number;

  @description('Memory resident in RAM, shared pages included')
  @IsInt()
  @Min(0)
  readonly memory_bytes!: number;

  @IsInt()
  @Min(0)
  readonly threads!: number;

  @IsDate()
  readonly started_at!: Date;
}
