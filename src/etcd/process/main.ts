#!/usr/bin/env node
import 'reflect-metadata';
import { homedir, userInfo } from 'node:os';
import { NestFactory } from '@nestjs/core';
import { EXIT, messageOf } from '../../common/index.js';
import { nodeSocket } from '../../client/node/index.js';
import {
  ConfigurationError,
  type EtcdConfiguration,
  loadEtcdConfiguration,
  stateDirectory,
} from '../../config/index.js';
import { LogRoot, NestLogger, openLog } from '../../logging/index.js';
import { Logger } from '../../sdk/index.js';
import { ServerLife } from '../../server/life.js';
import { collectStartGarbage } from '../../server/start-garbage.js';
import { prepareStateFolder } from '../../server/state-folder.js';
import { version } from '../../server/version.js';
import { growHeapSlowly, PidFile, ServiceManager } from '../../system/index.js';
import { EtcdLifecycle } from '../etcd-lifecycle.js';
import { EtcdModule } from '../etcd.module.js';
import { ask } from './ask.js';
import { check } from './check.js';
import { type EtcdCommand, HELP, parseCommand } from './command-line.js';
import { renderUserOf, settingsOf } from './settings-of.js';

const PROGRAM = 'dispatcher-etcd';

type RunCommand = Exclude<EtcdCommand, { kind: 'help' | 'version' }>;

/** A dispatcher-etcd that is up. */
interface RunningEtcd {
  readonly summary: string;
  reloadPlugins(): Promise<void>;
  close(): Promise<void>;
}

const EMBEDDED =
  'etcd.mode is "embedded": the dispatcher runs it; set it to "process" for a process of its own';

const uid = process.getuid?.() ?? 0;

async function main(argv: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const command = parseCommand(argv);
  if (command.kind === 'help' || command.kind === 'version') {
    print(command.kind === 'help' ? HELP : version());
    return;
  }
  const configuration = loadEtcdConfiguration(command.file);
  if (command.kind === 'run') {
    if (configuration.etcd.mode === 'embedded') throw new ConfigurationError([EMBEDDED]);
    growHeapSlowly();
    return run(command, configuration);
  }
  if (command.kind === 'check') return runCheck(command, configuration);
  const login = uid === 0 ? 'service' : { user: userInfo().username };
  const { kind, names, isJson, timeoutSeconds } = command;
  const { url } = configuration;
  const answer = await ask({ kind, names, isJson, timeoutSeconds, url, login });
  process.stdout.write(answer.output);
  if (answer.notice !== null) complain(answer.notice);
  process.exitCode = answer.status;
}

async function runCheck(command: RunCommand, configuration: EtcdConfiguration): Promise<void> {
  const settings = settingsOf(configuration, { root: command.root, stateDirectory: '' });
  const renderUser = renderUserOf(settings.renderUser, uid);
  const result = await check({ settings, uid, renderUser, logger: new SilentLogger() });
  if (command.isJson) print(JSON.stringify(result, null, 2));
  else {
    for (const warning of result.warnings) complain(warning);
    for (const { source, message } of result.errors) complain(`${source}: ${message}`);
    print(
      `${result.files.length} files, ${result.groups.length} groups, ${result.errors.length} errors`,
    );
  }
  process.exitCode = result.errors.length === 0 ? EXIT.done : EXIT.failed;
}

async function run(command: RunCommand, configuration: EtcdConfiguration): Promise<void> {
  const environment = {
    env: process.env,
    uid,
    get home() {
      return homedir();
    },
  };
  const directory = stateDirectory(environment, PROGRAM);
  const settings = settingsOf(configuration, { root: command.root, stateDirectory: directory });
  const renderUser = renderUserOf(settings.renderUser, uid);
  holdPidFile(settings.pidfile);
  prepareStateFolder(directory);
  const destination = openLog({
    dispatcher: settings,
    env: process.env,
    pid: process.pid,
    tellTrouble: complain,
    identifier: PROGRAM,
  });
  const log = new LogRoot(settings.logLevel, destination);
  const logger = log.create({ component: 'etcd' });
  const manager = new ServiceManager({
    env: process.env,
    pid: process.pid,
    onUnreachable: (reason) => logger.warn(`The service manager cannot be reached: ${reason}`),
  });
  ServiceManager.forget(process.env);
  const life = new ServerLife<RunningEtcd>({
    exit: (status) => process.exit(status),
    fatal: (message, fields) => log.fatal(message, fields),
    watcher: {
      ready: ({ summary }) => manager.ready(`Ready: ${summary}`),
      reloading: () => manager.reloading(),
      reloaded: () => manager.reloaded(),
      stopping: () => manager.stopping(),
    },
  });
  const host = {
    settings,
    logger,
    uid,
    renderUser,
    url: configuration.url,
    webSocket: nodeSocket(),
    requestShutdown: () => setImmediate(() => life.end()), // the answer to the call leaves first
  };
  const app = await NestFactory.createApplicationContext(EtcdModule.forRoot(host), {
    logger: new NestLogger(log.create({ component: 'nest' })),
    abortOnError: false,
  });
  const lifecycle = app.get(EtcdLifecycle);
  const ending = new AbortController();
  const end = (signal: 'SIGTERM' | 'SIGINT'): void => {
    ending.abort();
    life.receive(signal);
    lifecycle.interrupt(); // it may wait for a dispatcher that never comes
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
  process.on('SIGHUP', () => life.reload());
  process.on('SIGUSR1', () => destination.reopen());
  process.on('exit', () => destination.flushSync());
  process.on('uncaughtException', (error) => life.crash(error));
  process.on('unhandledRejection', (error) =>
    logger.error(`A promise failed that nothing waited for: ${messageOf(error)}`, { error }),
  );
  try {
    const running = await life.begin(async () => {
      await lifecycle.start();
      return {
        summary: lifecycle.summary,
        reloadPlugins: () => lifecycle.rescan(),
        close: () => lifecycle.stop(),
      };
    });
    if (running === null) return;
    print(`${PROGRAM} ${version()} is ready: ${running.summary}`);
    collectStartGarbage();
  } catch (error) {
    await lifecycle.stop();
    if (!ending.signal.aborted) throw error;
    process.exit(EXIT.done);
  }
}

/** Removed whatever ends the process, but for SIGKILL, of which the file itself tells. */
function holdPidFile(path: string | null): void {
  if (path === null) return;
  const file = PidFile.take(path, process.pid);
  process.on('exit', () => file.remove());
}

/** What is wrong is in the result. */
class SilentLogger extends Logger {
  override trace = (): void => undefined;
  override debug = (): void => undefined;
  override info = (): void => undefined;
  override warn = (): void => undefined;
  override error = (): void => undefined;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`${PROGRAM}: ${line}\n`);
}

function fail(error: unknown): never {
  const problems = error instanceof ConfigurationError ? error.problems : [messageOf(error)];
  problems.forEach(complain);
  if (process.env['DISPATCHER_DEBUG'] !== undefined) console.error(error);
  process.exit(error instanceof ConfigurationError ? EXIT.usage : EXIT.failed);
}

process.setSourceMapsEnabled(true);
main(process.argv.slice(2)).catch(fail);
