import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { description, settings } from 'dispatcher';

const ABSOLUTE = /^\/[^\0]*$/;
const MAX_PATH = 4_096;
const MAX_PATHS = 1_000;

@description('A path that is watched')
export class WatchedPath {
  @description('Absolute')
  @IsString()
  @MaxLength(MAX_PATH)
  @Matches(ABSOLUTE, { message: 'must be an absolute path' })
  readonly path!: string;

  @description('Whether the folders below it are watched, too; default false')
  @IsOptional()
  @IsBoolean()
  readonly recursive?: boolean | null;
}

@settings('files')
@description('What the files plugin watches, and where its tasks may work for whom')
export class FilesSettings {
  @description('Paths whose changes file.changed tells of')
  @IsArray()
  @ArrayMaxSize(MAX_PATHS)
  @ValidateNested({ each: true })
  @Type(() => WatchedPath)
  readonly watch: readonly WatchedPath[] = [];

  @description('Folders below which tasks work for those without the role admin; absolute paths')
  @IsArray()
  @ArrayMaxSize(MAX_PATHS)
  @IsString({ each: true })
  @MaxLength(MAX_PATH, { each: true })
  @Matches(ABSOLUTE, { each: true, message: 'must be an absolute path' })
  readonly roots: readonly string[] = [];
}
