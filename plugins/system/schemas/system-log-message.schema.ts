import { description } from 'dispatcher';
import { IsDate, IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

const LOG_SOURCES = ['kmsg', 'journal', 'file'] as const;
export type LogSource = (typeof LOG_SOURCES)[number];

@description('A line of the system log, or how many lines were left out')
export class SystemLogMessage {
  @description('Where it was read: the kernel log, the journal of systemd, or a file of syslog')
  @IsIn(LOG_SOURCES)
  readonly source!: LogSource;

  @description('Grows with each message of the source; null where the source does not count')
  @IsOptional()
  @IsInt()
  @Min(0)
  readonly sequence!: number | null;

  @description(
    'From 0, emergency, to 7, debug, as syslog has it; null where it is not written down',
  )
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(7)
  readonly priority!: number | null;

  @description('Number of the syslog facility: 0 is the kernel; null where it is not written down')
  @IsOptional()
  @IsInt()
  @Min(0)
  readonly facility!: number | null;

  @description('Who wrote it; null for the kernel')
  @IsOptional()
  @IsString()
  readonly identifier!: string | null;

  @description('When it was written')
  @IsDate()
  readonly timestamp!: Date;

  @IsString()
  readonly text!: string;

  @description('How many messages this one stands for, which came too fast; 0 for a message itself')
  @IsInt()
  @Min(0)
  readonly dropped!: number;
}
