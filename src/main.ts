#!/usr/bin/env node
import 'reflect-metadata';
import { mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { pino } from 'pino';
import { type RunningServer, startServer } from './application.js';
import { messageOf } from './common/index.js';
import {
  ConfigurationError,
  type DispatcherConfiguration,
  HELP,
  type HostEnvironment,
  loadConfiguration,
  parseArguments,
  stateDirectory,
} from './config/index.js';
import { LogRoot } from './logging/index.js';

const EXIT_FAILED = 1;
/** Exit status of a process that a signal ended, as a shell reports it. */
const SIGNAL_STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

const startedAt = new Date();

async function main(argv: readonly string[]): Promise<void> {
  const commandLine = parseArguments(argv);
  if (commandLine.kind === 'help' || commandLine.kind === 'version') {
    print(commandLine.kind === 'help' ? HELP : version());
    return;
  }
  const environment = { env: process.env, uid: process.getuid?.() ?? 0, home: homedir() };
  const configuration = loadConfiguration(commandLine, environment);
  if (commandLine.kind === 'run') return run(configuration, environment);
  print(`${configuration.source ?? 'The built-in configuration'} is valid`);
}

async function run(
  configuration: DispatcherConfiguration,
  environment: HostEnvironment,
): Promise<void> {
  const directory = stateDirectory(environment);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const log = new LogRoot(
    configuration.dispatcher.logLevel,
    pino.destination({ dest: 2, sync: true }),
  );
  let stop: () => void = () => undefined;
  const server = await startServer({
    configuration,
    log,
    process: {
      version: version(),
      uid: environment.uid,
      startedAt,
      stateDirectory: directory,
      requestShutdown: () => setImmediate(() => stop()),
    },
  });
  stop = endOnSignals(server);
  process.on('SIGHUP', () => {
    server.reloadPlugins().catch(() => undefined); // the plugin host has logged each failure
  });
  const debug = server.debugAddress === null ? '' : ` (debug mode: ${server.debugAddress})`;
  print(`dispatcher ${version()} is ready at ${server.addresses.join(' and ')}${debug}`);
}

/** Ends the server in good order on the first signal and at once on the second. */
function endOnSignals(server: RunningServer): () => void {
  let isEnding = false;
  const end = (status: number): void => {
    if (isEnding) process.exit(status);
    isEnding = true;
    server.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', () => end(SIGNAL_STATUS.SIGTERM));
  process.on('SIGINT', () => end(SIGNAL_STATUS.SIGINT));
  return () => end(0);
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One line for each thing that a person can mend; the stack of anything else goes with the debug flag. */
function fail(error: unknown): never {
  const problems = error instanceof ConfigurationError ? error.problems : [messageOf(error)];
  for (const problem of problems) process.stderr.write(`dispatcher: ${problem}\n`);
  if (process.env['DISPATCHER_DEBUG'] !== undefined) console.error(error);
  process.exit(EXIT_FAILED);
}

process.setSourceMapsEnabled(true); // stacks of plugins name their own lines, not the compiled ones
main(process.argv.slice(2)).catch(fail);
