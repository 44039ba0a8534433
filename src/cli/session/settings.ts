import { join } from 'node:path';
import { type CliConfiguration, loadCliConfiguration } from '../../config/cli-configuration.js';
import type { Options } from '../arguments/options.js';

/**
 * What the configuration says of the command line: the section `cli` of the file that `--config` or
 * `$DISPATCHER_CONFIG` names, else of the default one, and the user's own file over it.
 *
 * @throws ConfigurationError
 */
export function readSettings(options: Options, env: NodeJS.ProcessEnv): Promise<CliConfiguration> {
  return loadCliConfiguration({
    file: configurationFile(options, env),
    isRequired: options.has('config'),
    userFile: userFile(env),
  });
}

/** The middleware.conf that was named; null for the default one, which need not be there. */
export function configurationFile(options: Options, env: NodeJS.ProcessEnv): string | null {
  const named = env['DISPATCHER_CONFIG'];
  return options.text('config') ?? (named === '' ? null : (named ?? null));
}

function userFile(env: NodeJS.ProcessEnv): string | null {
  const { XDG_CONFIG_HOME: folder, HOME: home } = env;
  if (folder !== undefined && folder !== '') return join(folder, 'dispatcher/cli.json');
  return home === undefined || home === '' ? null : join(home, '.config/dispatcher/cli.json');
}
