#!/usr/bin/env node
import { hadFolder } from './server/starting-folder.js';
import 'reflect-metadata';
import { homedir, hostname } from 'node:os';
import { isAbsolute } from 'node:path';
import { type StartedServer, startServer } from './server/application.js';
import { messageOf } from './common/index.js';
import {
  ConfigurationError,
  type ConfiguredCommand,
  type DispatcherConfiguration,
  embeddedEtcdSection,
  HELP,
  type HostEnvironment,
  loadConfiguration,
  parseArguments,
  stateDirectory,
} from './config/index.js';
import { CrashReports, PluginLocator } from './diagnostics/index.js';
import { type LogDestination, LogRoot, openLog } from './logging/index.js';
import { pluginDirectories } from './plugin-host/plugin-directories.js';
import { ServerLife } from './server/life.js';
import { readyLines } from './server/ready-lines.js';
import { reloadServer } from './server/reload.js';
import { collectStartGarbage } from './server/start-garbage.js';
import { prepareStateFolder } from './server/state-folder.js';
import { growHeapSlowly, PidFile, ServiceManager } from './system/index.js';
import { version } from './server/version.js';

const EXIT_FAILED = 1;
const startedAt = new Date();

async function main(argv: readonly string[]): Promise<void> {
  outliveReaders();
  const commandLine = parseArguments(argv);
  if (commandLine.kind === 'help' || commandLine.kind === 'version') {
    print(commandLine.kind === 'help' ? HELP : version());
    return;
  }
  const environment = {
    env: process.env,
    uid: process.getuid?.() ?? 0,
    get home() {
      return homeFolder();
    },
    hostName: hostname(),
  };
  if (!hadFolder)
    assertFound({ '--config': commandLine.file, STATE_DIRECTORY: stateDirectory(environment) });
  const configuration = loadConfiguration(commandLine, environment);
  embeddedEtcdSection(configuration); // what is wrong in it is told before anything begins
  if (commandLine.kind === 'run') return run(commandLine, configuration, environment);
  print(`${configuration.source ?? 'The built-in configuration'} is valid`);
}

async function run(
  command: ConfiguredCommand,
  configuration: DispatcherConfiguration,
  environment: HostEnvironment,
): Promise<void> {
  growHeapSlowly();
  const { dispatcher } = configuration;
  // in the order in which a second server by mistake touches nothing of the first
  holdPidFile(dispatcher.pidfile);
  const directory = stateDirectory(environment);
  prepareStateFolder(directory);
  const destination = openLog({
    dispatcher,
    env: environment.env,
    pid: process.pid,
    tellTrouble: complain,
  });
  const log = new LogRoot(dispatcher.logLevel, destination);
  const logger = log.create({ component: 'server' });
  const reports = new CrashReports({
    directory,
    version: version(),
    startedAt,
    locator: new PluginLocator(pluginDirectories(dispatcher).map(({ path }) => path)),
    recentLines: () => log.tail.recent(),
  });
  const manager = new ServiceManager({
    env: environment.env,
    pid: process.pid,
    onUnreachable: (reason) =>
      logger.warn(`The service manager cannot be told how the server does: ${reason}`),
  });
  ServiceManager.forget(process.env);
  const life = new ServerLife<StartedServer>({
    exit: (status) => process.exit(status),
    fatal: (message, fields) => log.fatal(message, fields),
    report: (error) => ({ plugin: reports.pluginOf(error), report: reports.write(error) }),
    reload: (server) =>
      reloadServer(server, {
        configuration,
        readConfiguration: () => loadConfiguration(command, environment),
        logger,
      }),
    watcher: {
      ready: ({ addresses }) => manager.ready(`Ready at ${addresses.join(' and ')}`),
      reloading: () => manager.reloading(),
      reloaded: () => manager.reloaded(),
      stopping: () => manager.stopping(),
    },
  });
  listenToProcess(life, log, destination);
  const server = await life.begin((ending) =>
    startServer({
      configuration,
      log,
      ownsNestLog: true,
      standby: {
        signal: ending,
        onWaiting: (reason) => {
          manager.ready(`Stands by: ${reason}`);
          print(`dispatcher ${version()} stands by: ${reason}`);
        },
      },
      process: {
        version: version(),
        pid: process.pid,
        uid: environment.uid,
        startedAt,
        stateDirectory: directory,
        // the answer to the call leaves first
        requestShutdown: () => setImmediate(() => life.end()),
        storeLost: (reason) => life.abandon(reason),
      },
    }),
  );
  if (server === null) return;
  const debug = server.debugAddress === null ? '' : ` (debug mode: ${server.debugAddress})`;
  print(`dispatcher ${version()} is ready at ${server.addresses.join(' and ')}${debug}`);
  if (process.stdout.isTTY) {
    const places = { ...server, stateDirectory: directory };
    for (const line of readyLines(places, configuration)) print(line);
  }
  collectStartGarbage();
}

/** @throws Error when nobody can say where to keep what belongs to the user */
function homeFolder(): string {
  try {
    return homedir();
  } catch (error) {
    throw new Error('The user has no home folder: set HOME or STATE_DIRECTORY', { cause: error });
  }
}

/** @throws Error naming what was given relative to a folder that is gone */
function assertFound(paths: Readonly<Record<string, string | null>>): void {
  for (const [name, path] of Object.entries(paths)) {
    if (path === null || isAbsolute(path)) continue;
    throw new Error(
      `The folder that the server was started in is gone: ${name} has to be an absolute path, got ${path}`,
    );
  }
}

/** Removed whatever ends the process, but for SIGKILL, of which the file itself tells. */
function holdPidFile(path: string | null): void {
  if (path === null) return;
  const file = PidFile.take(path, process.pid);
  process.on('exit', () => file.remove());
}

/** Comes before the start: until then a signal, SIGHUP included, would kill the process. */
function listenToProcess(
  life: ServerLife<StartedServer>,
  log: LogRoot,
  destination: LogDestination,
): void {
  process.on('SIGTERM', () => life.receive('SIGTERM'));
  process.on('SIGINT', () => life.receive('SIGINT'));
  process.on('SIGHUP', () => life.reload());
  // Node.js itself would open its debugger
  process.on('SIGUSR1', () => destination.reopen());
  process.on('exit', () => destination.flushSync());
  process.on('uncaughtException', (error) => life.crash(error));
  const logger = log.create({ component: 'server' });
  process.on('unhandledRejection', (error) => {
    // a plugin forgot to wait for something: its own affair, which must not end everybody's server
    logger.error(`A promise failed that nothing waited for: ${messageOf(error)}`, { error });
  });
}

/** Whoever reads what is printed may be gone, or its disk full: the server is not there for them. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What the log itself has trouble with goes where its lines cannot: to whoever started the server. */
function complain(line: string): void {
  process.stderr.write(`dispatcher: ${line}\n`);
}

/** One line for each thing that a person can mend; the stack of anything else goes with the debug flag. */
function fail(error: unknown): never {
  const problems = error instanceof ConfigurationError ? error.problems : [messageOf(error)];
  problems.forEach(complain);
  if (process.env['DISPATCHER_DEBUG'] !== undefined) console.error(error);
  process.exit(EXIT_FAILED);
}

process.setSourceMapsEnabled(true); // stacks of plugins name their own lines, not the compiled ones
main(process.argv.slice(2)).catch(fail);
