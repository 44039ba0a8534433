#!/usr/bin/env node
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { isDispatcherError, errnoName, messageOf } from '../common/index.js';
import { DATASTORE_DRIVERS, DATASTORE_LEASES } from '../server/datastore-drivers.js';
import { version } from '../server/version.js';
import { call } from './call.command.js';

import { COMMANDS } from './commands.js';
import { exitStatusOf } from './exit-status.js';
import { codegenCommand } from './codegen/codegen.command.js';
import { datastoreCommand } from './datastore/datastore.command.js';
import { SETTINGS_HELP, settingsCommand } from './settings/settings.command.js';
import { USER_OPTIONS, userCommand } from './user/user.command.js';

const DEFAULT_URL = process.env['DISPATCHER_URL'] ?? 'ws://127.0.0.1:5000/socket';
const HELP = `Usage: dispatcherctl [--url URL] [--user NAME] call METHOD [ARGUMENTS]

       dispatcherctl settings --help
       dispatcherctl user --help
       dispatcherctl datastore --help
       dispatcherctl codegen --help
       dispatcherctl plugin --help

Calls a method of a running dispatcher and prints its answer, works on its settings, its users, its
datastore or its plugins, or writes types for clients.

  METHOD         service.method, for example system.info
  ARGUMENTS      JSON: an array, or an object of named arguments (default: [])

  --url URL      where the dispatcher listens (default: DISPATCHER_URL of the environment, else
                 ws://127.0.0.1:5000/socket)
  --user NAME    whom to log in as (default: the present user, without a password on this machine)
  --version      the version of this program
  --help         this text

The password of a user that needs one is read from the environment variable DISPATCHER_PASSWORD.
`;

async function main(argv: string[]): Promise<void> {
  const [first, ...rest] = argv;
  if (first === 'datastore') {
    return datastoreCommand({
      argv: rest,
      drivers: DATASTORE_DRIVERS,
      leases: DATASTORE_LEASES,
      output: process.stdout,
    });
  }
  const ownPassword = process.env['DISPATCHER_PASSWORD'] ?? '';
  const lenient = parseArgs({ args: argv, strict: false, options: USER_OPTIONS });
  const load = COMMANDS.get(lenient.positionals[0] ?? '');
  if (load !== undefined) {
    const { stdin: input, stdout: output, stderr: notices } = process;
    const run = await load();
    process.exitCode = await run({
      argv,
      defaultUrl: DEFAULT_URL,
      ownPassword,
      input,
      output,
      notices,
    });
    return;
  }
  if (lenient.positionals[0] === 'user') {
    const { stdin: input, stdout: output } = process;
    return userCommand({ argv, defaultUrl: DEFAULT_URL, ownPassword, input, output });
  }
  if (lenient.positionals[0] === 'codegen') {
    const { stdout: output } = process;
    process.exitCode = await codegenCommand({ argv, defaultUrl: DEFAULT_URL, ownPassword, output });
    return;
  }
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      user: { type: 'string' },
      help: { type: 'boolean' },
      version: { type: 'boolean' },
    },
  });
  const [command, method, args = '[]'] = positionals;
  if (values.version === true) {
    process.stdout.write(`${version()}\n`);
    return;
  }
  const url = values.url ?? DEFAULT_URL;
  const user = values.user ?? userInfo().username;
  if (command === 'settings' && values.help !== true) {
    const words = positionals.slice(1);
    const text = await settingsCommand({ url, user, password: ownPassword, words });
    process.stdout.write(text);
    return;
  }
  if (values.help === true) {
    process.stdout.write(command === 'settings' ? SETTINGS_HELP : HELP);
    return;
  }
  if (command !== 'call' || method === undefined)
    throw new Error(`What is to be called?\n\n${HELP}`);
  await call({
    url,
    user,
    password: ownPassword,
    method,
    args,
    print: (text) => process.stdout.write(`${text}\n`),
  });
}

/** Whoever reads the answer may have seen enough, as `head` has; a full disk is worth a line. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`dispatcherctl: Cannot write the answer: ${error.message}\n`);
  process.exit(1);
});
process.stderr.on('error', () => undefined);

main(process.argv.slice(2)).catch((error: unknown) => {
  const symbol = isDispatcherError(error) ? `${errnoName(error.code)}: ` : '';
  const extra =
    isDispatcherError(error) && error.extra !== undefined
      ? `\n${JSON.stringify(error.extra, null, 2)}`
      : '';
  process.stderr.write(`dispatcherctl: ${symbol}${messageOf(error)}${extra}\n`);
  process.exitCode = exitStatusOf(error);
});
