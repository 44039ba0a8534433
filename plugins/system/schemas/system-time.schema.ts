import { description } from 'dispatcher';
import { IsBoolean, IsDate, IsInt, IsOptional, IsString } from 'class-validator';

@description("The machine's clock and time zone")
export class SystemTime {
  @IsDate()
  readonly now!: Date;

  @description('Name in the time zone database, for example "Europe/Prague"')
  @IsString()
  readonly timezone!: string;

  @description('Minutes to add to UTC for local time at this moment')
  @IsInt()
  readonly utc_offset_minutes!: number;

  @description(
    'As systemd-timesyncd reports it; null when another service, or none, keeps the clock',
  )
  @IsOptional()
  @IsBoolean()
  readonly ntp_synchronized!: boolean | null;
}
