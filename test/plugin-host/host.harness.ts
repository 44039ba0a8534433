import { Logger as NestLogger } from '@nestjs/common';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf, OwnedTable } from '../../src/common/index.js';
import { LocalEventFanout } from '../../src/cluster/local/index.js';
import {
  type Clock,
  EventRouter,
  type EventSourceRegistration,
  EventTypeTable,
  systemClock,
} from '../../src/events/index.js';
import {
  DebugHookTable,
  HookTable,
  PluginHost,
  type PluginHostOptions,
} from '../../src/plugin-host/index.js';
import { Call, CallPipeline, FailureReporter, ServiceRegistry } from '../../src/rpc/index.js';
import { SchemaRegistry } from '../../src/schema/index.js';
import {
  type ConfigStore,
  type Datastore,
  type LogFields,
  Logger,
  type Sender,
} from '../../src/sdk/index.js';
import { NOTHING_SET, SettingsRegistry } from '../../src/settings/index.js';
import {
  ResourceGraph,
  type TaskSubmitter,
  TaskHandlerTable,
  TaskHookTable,
} from '../../src/tasks/index.js';

const ADMIN: Sender = {
  kind: 'user',
  user: 'root',
  roles: ['admin'],
  address: 'unix,1',
  sessionId: 1,
};

/** Unless a test brings its own, nothing submits a task or stores anything. */
const NO_SUBMITTER = {} as TaskSubmitter;
const NO_STORES = {} as { datastore: Datastore; configstore: ConfigStore };

export interface SeenEvent {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface HarnessOptions extends Partial<PluginHostOptions> {
  readonly clock?: Clock;
  readonly stores?: { readonly datastore: Datastore; readonly configstore: ConfigStore };
  readonly taskSubmitter?: TaskSubmitter;
}

/** A plugin host with everything behind it, but no sockets, over a folder outside of the repository. */
export class HostHarness {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'plugins-')));
  readonly log: string[] = [];
  readonly seen: SeenEvent[] = [];
  readonly services = new ServiceRegistry();
  readonly schemas = new SchemaRegistry();
  readonly eventTypes = new EventTypeTable();
  readonly eventSources = new OwnedTable<EventSourceRegistration>('Event source');
  readonly tasks = new TaskHandlerTable();
  readonly taskHooks = new TaskHookTable();
  readonly resources = new ResourceGraph();
  readonly events: EventRouter;
  readonly pipeline: CallPipeline;
  readonly host: PluginHost;

  constructor({
    clock = systemClock,
    stores = NO_STORES,
    taskSubmitter = NO_SUBMITTER,
    ...options
  }: HarnessOptions = {}) {
    NestLogger.overrideLogger(false);
    const logger = this.#logger('server');
    this.events = new EventRouter({
      logger,
      now: () => new Date(0),
      fanout: new LocalEventFanout('epoch', { events: 100, bytes: 1_000_000 }),
      typeOf: (name) => this.eventTypes.get(name),
    });
    this.eventTypes.announceBy(this.events);
    this.events.addSink({ deliver: ({ name, args }) => this.seen.push({ name, args }) });
    this.pipeline = new CallPipeline(
      this.services,
      new FailureReporter(logger, { exposesStacks: false }),
      { resultValidation: 'enforce', serviceWaitMs: 20_000, maxCollectedItems: 10_000 },
    );
    this.host = new PluginHost(
      {
        services: this.services,
        schemas: this.schemas,
        events: this.events,
        eventTypes: this.eventTypes,
        eventSources: this.eventSources,
        tasks: this.tasks,
        taskSubmitter,
        taskHooks: this.taskHooks,
        resources: this.resources,
        hooks: new HookTable(),
        debugHooks: new DebugHookTable(),
        stores,
        pipeline: this.pipeline,
        settings: new SettingsRegistry({
          store: NOTHING_SET,
          logger,
        }),
        clock,
        random: () => 0,
        createLogger: (name) => this.#logger(name),
      },
      { directories: [{ path: this.directory, isShipped: false }], ...options },
    );
  }

  write(path: string, source: string): void {
    const file = join(this.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, source);
  }

  remove(path: string): void {
    rmSync(join(this.directory, path), { recursive: true });
  }

  /** A call as a logged-in client makes it. */
  async call(method: string, ...args: unknown[]): Promise<unknown> {
    return await this.pipeline.execute(new Call(method, args, ADMIN));
  }

  /** What became of each plugin: `name: state`, with stage and error when it does not run. */
  states(): string[] {
    return this.host
      .list()
      .map(({ name, state, stage, error }) =>
        stage === undefined ? `${name}: ${state}` : `${name}: ${state} at ${stage}: ${error ?? ''}`,
      );
  }

  /** Everything that anybody has registered. */
  registered(): Record<string, string[]> {
    return {
      services: this.services.list().map(({ name }) => name),
      schemas: [...this.schemas.names()],
      eventTypes: this.eventTypes.entries().map(([name]) => name),
      eventSources: this.eventSources.entries().map(([name]) => name),
      tasks: this.tasks.entries().map(([name]) => name),
    };
  }

  eventsNamed(name: string): SeenEvent['args'][] {
    return this.seen.filter((event) => event.name === name).map(({ args }) => args);
  }

  async dispose(): Promise<void> {
    await this.host.stop();
    rmSync(this.directory, { recursive: true });
  }

  #logger(name: string): Logger {
    return new LineLogger(name, this.log);
  }
}

/** Keeps text only: an error object would keep the code that threw it. */
class LineLogger extends Logger {
  constructor(
    private readonly name: string,
    private readonly lines: string[],
  ) {
    super();
  }

  trace(message: string, fields?: LogFields): void {
    this.#write('trace', message, fields);
  }
  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, fields);
  }
  info(): void {
    // what goes well is not what these tests look for
  }
  warn(message: string, fields?: LogFields): void {
    // these plugins say what a test is about, and mostly not what their methods return
    if (!message.includes('without @returns')) this.#write('warn', message, fields);
  }
  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }

  #write(level: string, message: string, fields?: LogFields): void {
    const error = fields?.['error'] === undefined ? '' : `: ${messageOf(fields['error'])}`;
    this.lines.push(`${level} ${this.name}: ${message}${error}`);
  }
}
