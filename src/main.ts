#!/usr/bin/env node
import 'reflect-metadata';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { pino } from 'pino';
import { startServer } from './application.js';
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
import { idleSettings } from './idle-settings.js';
import { LogRoot } from './logging/index.js';
import { ServerLife } from './server-life.js';
import { version } from './version.js';

const EXIT_FAILED = 1;

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
  const life = new ServerLife({
    exit: (status) => process.exit(status),
    fatal: (message, fields) => log.fatal(message, fields),
  });
  listenToProcess(life, log);
  warnOfIdleSettings(configuration, log);
  const server = await life.begin(() =>
    startServer({
      configuration,
      log,
      ownsNestLog: true,
      process: {
        version: version(),
        uid: environment.uid,
        startedAt,
        stateDirectory: directory,
        // the answer to the call leaves first
        requestShutdown: () => setImmediate(() => life.end()),
      },
    }),
  );
  if (server === null) return;
  const debug = server.debugAddress === null ? '' : ` (debug mode: ${server.debugAddress})`;
  print(`dispatcher ${version()} is ready at ${server.addresses.join(' and ')}${debug}`);
}

/** Comes before the start: until then a signal, SIGHUP included, would kill the process. */
function listenToProcess(life: ServerLife, log: LogRoot): void {
  process.on('SIGTERM', () => life.receive('SIGTERM'));
  process.on('SIGINT', () => life.receive('SIGINT'));
  process.on('SIGHUP', () => life.reload());
  process.on('uncaughtException', (error) => life.crash(error));
  const logger = log.create({ component: 'server' });
  process.on('unhandledRejection', (error) => {
    // a plugin forgot to wait for something: its own affair, which must not end everybody's server
    logger.error(`A promise failed that nothing waited for: ${messageOf(error)}`, { error });
  });
}

function warnOfIdleSettings(configuration: DispatcherConfiguration, log: LogRoot): void {
  const keys = idleSettings(configuration);
  if (keys.length === 0) return;
  const logger = log.create({ component: 'server' });
  logger.warn(`These settings have no effect yet: ${keys.join(', ')}`);
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
