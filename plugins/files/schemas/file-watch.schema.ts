import { description } from 'dispatcher';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Min } from 'class-validator';

const WATCH_STATES = ['idle', 'watching', 'missing', 'denied', 'limited', 'failed'] as const;
export type WatchState = (typeof WATCH_STATES)[number];

@description('A path of the configuration key "files.watch"')
export class FileWatch {
  @IsString()
  readonly path!: string;

  @description('Whether the folders below it are watched too')
  @IsBoolean()
  readonly recursive!: boolean;

  @description(
    '"idle" while nobody is subscribed to file.changed; "missing" until something appears at the path; "limited" when there is more below it than is watched',
  )
  @IsIn(WATCH_STATES)
  readonly state!: WatchState;

  @description('Why it is not watched, or not as a whole')
  @IsOptional()
  @IsString()
  readonly reason!: string | null;

  @description('Files and folders whose changes are seen')
  @IsInt()
  @Min(0)
  readonly entries!: number;
}
