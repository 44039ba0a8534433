import { description } from 'dispatcher';
import { IsDate, IsNumber, Min } from 'class-validator';

@description('When the machine was started')
export class SystemUptime {
  @description('Seconds since the start, time asleep included')
  @IsNumber()
  @Min(0)
  readonly seconds!: number;

  @IsDate()
  readonly booted_at!: Date;
}
