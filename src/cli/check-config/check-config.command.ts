import { homedir, hostname } from 'node:os';
import { loadConfiguration } from '../../config/index.js';
import type { Invocation } from '../command.js';
import { configurationFile, readSettings } from '../session/index.js';

/**
 * Checks what the server would go by, and what this program does.
 *
 * @throws ConfigurationError with one line for each problem
 */
export async function checkConfigCommand({ options, io }: Invocation): Promise<undefined> {
  const { env, output } = io;
  const { source } = loadConfiguration(
    {
      kind: 'check',
      file: configurationFile(options, env),
      overrides: {},
    },
    { env, uid: process.getuid?.() ?? 0, home: homedir(), hostName: hostname() },
  );
  await readSettings(options, env);
  output.write(`${source ?? 'The built-in configuration'} is valid\n`);
}
