import { description } from 'dispatcher';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';

const ABSOLUTE = /^\/[^\0]*$/;
const WITHOUT_NUL = /^[^\0]*$/;
const MAX_PATH = 4096;
const MAX_TEXT = 131_072; // the longest argument that the kernel takes

@description('A program to be run')
export class SystemCommand {
  @description(
    'Absolute path of the program; the configuration key "system.execute.allowed" has to list it, and what else of this a caller may choose',
  )
  @IsString()
  @MaxLength(MAX_PATH)
  @Matches(ABSOLUTE)
  readonly command!: string;

  @description('Each reaches the program as it is: no shell takes part')
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10_000)
  @IsString({ each: true })
  @MaxLength(MAX_TEXT, { each: true })
  @Matches(WITHOUT_NUL, { each: true })
  readonly arguments?: readonly string[] | null;

  @description('Absolute path of the folder it runs in; default "/"')
  @IsOptional()
  @IsString()
  @MaxLength(MAX_PATH)
  @Matches(ABSOLUTE)
  readonly working_directory?: string | null;

  @description(
    'Variables, all texts, beside PATH and LANG; nothing of the environment of the server is passed on',
  )
  @IsOptional()
  @IsObject()
  readonly environment?: Readonly<Record<string, unknown>> | null;

  @description('What it can read from its standard input; default nothing')
  @IsOptional()
  @IsString()
  readonly input?: string | null;

  @description('Time after which it is ended and the task fails, in seconds; default 60')
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(86_400)
  readonly timeout_seconds?: number | null;

  @description('Exit codes that are no failure; default 0 alone')
  @IsOptional()
  @IsArray()
  @IsInt({ each: true })
  readonly accepted_exit_codes?: readonly number[] | null;

  @description('Resources that it needs for itself; default "system"')
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  readonly resources?: readonly string[] | null;
}

@description('What a program came to')
export class SystemCommandOutcome {
  @description('Null when a signal ended it')
  @IsOptional()
  @IsInt()
  readonly exit_code!: number | null;

  @description('Name of the signal that ended it, or null')
  @IsOptional()
  @IsString()
  readonly signal!: string | null;

  @description('The end of what it wrote to its standard output')
  @IsString()
  readonly output!: string;

  @description('The end of what it wrote to its standard error')
  @IsString()
  readonly error_output!: string;

  @description('Bytes that were written but are not kept')
  @IsInt()
  @Min(0)
  readonly dropped_bytes!: number;

  @IsInt()
  @Min(0)
  readonly duration_ms!: number;
}
