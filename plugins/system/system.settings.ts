import { ArrayMaxSize, IsArray, IsInt, Max, Min, ValidateBy } from 'class-validator';
import { description, settings } from 'dispatcher';
import { allowanceFault, type AllowedCommand } from './execute/allowed-commands.js';

const MAX_ENTRIES = 1_000;

@settings('system.load')
@description('How the load of the machine is told of')
export class LoadSettings {
  @description('Seconds between two events system.load.tick')
  @IsInt()
  @Min(1)
  @Max(300)
  readonly interval: number = 5;
}

@settings('system.execute')
@description('Which programs the task system.execute may run')
export class ExecuteSettings {
  @description(
    'Programs by absolute path, or "*" for any; an object {command, arguments, environment, working_directories, input} says besides what a caller may choose: "arguments" is an RE2 pattern for each of them, or a list of patterns',
  )
  @IsArray()
  @ArrayMaxSize(MAX_ENTRIES)
  @ValidateBy(
    {
      name: 'isAllowedCommand',
      validator: {
        validate: (entry: unknown) => allowanceFault(entry) === null,
        defaultMessage: () =>
          'each has to be the path of a program, "*", or an object {command, arguments?, environment?, working_directories?, input?} whose patterns RE2 can read',
      },
    },
    { each: true },
  )
  readonly allowed: readonly AllowedCommand[] = [];
}
