import { mkdirSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import type { InjectionToken } from '@nestjs/common';
import { type ServerFacade, type StartedServer, startServer } from '../server/application.js';
import { configurationFromObject, stateDirectory } from '../config/index.js';
import { LogRoot } from '../logging/index.js';
import type { Construct } from '../plugin-host/index.js';
import type { ConfigStore, Datastore, Dispatcher, Logger } from '../sdk/index.js';
import { version } from '../server/version.js';
import { withoutHooks } from './host-provider.js';
import type { ServerSettings } from './module-options.js';
import { nestLog } from './nest-log.js';

interface Ties {
  readonly bridged: readonly (readonly [InjectionToken, unknown])[];
  /** Makes an instance with the application's own dependency injection. */
  readonly construct: Construct;
}

interface Running {
  readonly server: StartedServer;
  readonly facade: ServerFacade;
}

/**
 * The dispatcher that runs inside this application, for whoever has it injected.
 *
 * @example
 * constructor(private readonly server: DispatcherServer) {}
 * whereTo() { return this.server.addresses; } // ['ws://0.0.0.0:5000']
 */
export class DispatcherServer {
  #running: Running | null = null;
  #log: LogRoot | null = null;
  #closing: Promise<void> | null = null;

  constructor(
    private readonly settings: ServerSettings,
    private readonly ties: Ties,
  ) {}

  /** From the start until nothing of it is left: while it stops, plugins still say goodbye. */
  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** Whether the application may use it: from the start until it begins to stop. */
  get isOpen(): boolean {
    return this.isRunning && this.#closing === null;
  }

  /** Where clients connect. */
  get addresses(): readonly string[] {
    return this.#started.server.addresses;
  }

  /** Where the debug-mode server is; null when the configuration turned it off. */
  get debugAddress(): string | null {
    return this.#started.server.debugAddress;
  }

  /** What a plugin has, for the application: calls, events, registrations. */
  get dispatcher(): Dispatcher {
    return this.#started.facade.dispatcher;
  }

  get datastore(): Datastore {
    return this.#started.facade.datastore;
  }

  get configstore(): ConfigStore {
    return this.#started.facade.configstore;
  }

  get logger(): Logger {
    if (this.#log === null) throw this.#notRunning();
    return this.#log.create({ component: 'application' });
  }

  /** Reads all plugins again from disk. @throws RpcException of the first plugin that failed */
  reloadPlugins(): Promise<void> {
    return this.#started.server.reloadPlugins();
  }

  /**
   * Done by the module, once.
   *
   * @throws ConfigurationError, or Error naming what could not be had; nothing is left running then
   */
  async start(): Promise<void> {
    const environment = {
      env: process.env,
      uid: process.getuid?.() ?? 0,
      home: homedir(),
      hostName: hostname(),
    };
    const env = this.#environment(environment.env);
    const configuration = configurationFromObject(this.settings.configuration ?? {}, {
      ...environment,
      env,
    });
    const directory = stateDirectory({ ...environment, env });
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#log = new LogRoot(configuration.dispatcher.logLevel, this.settings.log ?? nestLog);
    const server = await startServer({
      configuration,
      log: this.#log,
      ownsNestLog: false,
      hostProviders: this.ties.bridged.map(([provide, value]) => ({
        provide,
        useValue: withoutHooks(value),
      })),
      process: {
        version: version(),
        pid: process.pid,
        uid: environment.uid,
        startedAt: new Date(),
        stateDirectory: directory,
        requestShutdown: () => setImmediate(() => this.#shutDown()),
        storeLost: (reason) => this.#leaveStore(reason),
      },
    });
    this.#running = { server, facade: server.facadeFor(this.ties.construct) };
  }

  /** Says goodbye to clients and plugins; the application goes on. Resolves when nothing is left. */
  stop(): Promise<void> {
    this.#closing ??=
      this.#running?.server.close().finally(() => {
        this.#running = null;
      }) ?? null;
    return this.#closing ?? Promise.resolve();
  }

  #environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const { stateDirectory: given } = this.settings;
    return given === undefined ? env : { ...env, STATE_DIRECTORY: given };
  }

  #shutDown(): void {
    const { onShutdownRequested } = this.settings;
    if (onShutdownRequested !== undefined) onShutdownRequested();
    else this.stop().catch((error: unknown) => this.#log?.fatal('It did not stop', { error }));
  }

  /** The application goes on; its dispatcher has nothing left to work with. */
  #leaveStore(reason: string): void {
    if (this.#closing !== null) return;
    this.#log?.fatal(`${reason}: the dispatcher stops`);
    this.stop().catch((error: unknown) => this.#log?.fatal('It did not stop', { error }));
  }

  get #started(): Running {
    if (this.#running === null) throw this.#notRunning();
    return this.#running;
  }

  #notRunning(): Error {
    return new Error(
      'The dispatcher does not run: it starts when the application is bootstrapped ' +
        '(use it from onApplicationBootstrap on) and stops when its module is destroyed',
    );
  }
}
