import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DocumentStore, openDatastore, SecretBox } from '../../../src/datastore/index.js';
import {
  bindTask,
  type Claims,
  type ConfigStore,
  type Datastore,
  type Dispatcher,
  type Logger,
  type Sender,
  Task,
  type TaskContext,
  type TaskOptions,
} from '../../../src/sdk/index.js';
import {
  DatastoreTaskStore,
  InlineExecutor,
  type TaskResources,
  ResourceGraph,
  TaskEngine,
  type TaskHandler,
  TaskHandlerTable,
  TaskHookTable,
  type TaskStore,
  TaskTracer,
} from '../../../src/tasks/index.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { WatchedDriver } from './watched-driver.js';

const ROOT: Sender = {
  kind: 'user',
  user: 'root',
  roles: ['admin'],
  address: 'unix,1',
  sessionId: 1,
};

export interface SeenEvent {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly atMs: number;
}

/** What a task class of a test does; without claims it locks what its first argument lists. */
export interface Behaviour {
  readonly run?: (task: Task, ...args: unknown[]) => unknown;
  readonly rollback?: (task: Task, ...args: unknown[]) => Promise<void>;
  readonly options?: TaskOptions;
}

/** The task engine over a real embedded store, with a clock that stands still and inline tasks. */
export class EngineHarness {
  readonly directory = mkdtempSync(join(tmpdir(), 'dispatcher-engine-'));
  readonly clock = new VirtualClock();
  readonly driver = new WatchedDriver();
  readonly handlers = new TaskHandlerTable();
  /** Users who may run nothing any more. */
  readonly demoted = new Set<string>();
  resources = new ResourceGraph();
  readonly #resourceNames: string[] = [];
  readonly events: SeenEvent[] = [];
  readonly log: string[] = [];
  /** Ids of the tasks whose run was called, in order. */
  readonly ran: number[] = [];
  readonly #gates = new Map<string, () => void>();
  readonly #logger = collector(this.log);
  engine!: TaskEngine;
  taskStore!: TaskStore;
  /** What a step that no task may take comes to; null: what it does in a server. */
  guard: ((error: Error) => void) | null = (error) => {
    throw error;
  };
  /** Null over a task store of the test's own. */
  store: DocumentStore | null = null;

  /** @param folder where the store is, if not in a folder of its own */
  constructor(private readonly folder?: string) {
    this.define('nothing', {});
    this.define('gate', { run: (_, __, name) => this.#standAt(String(name)) });
  }

  /** As the server does it: recovers what the store holds, then goes on. */
  async start(taskStore?: TaskStore): Promise<this> {
    if (taskStore === undefined) {
      const { drivers } = this.driver;
      const dsn = join(this.folder ?? this.directory, 'store.db');
      this.store = await openDatastore({ driver: 'sqlite', dsn }, { drivers });
      this.taskStore = await this.#openTaskStore(this.store);
    } else this.taskStore = taskStore;
    const inline = new InlineExecutor();
    this.engine = new TaskEngine({
      handlers: this.handlers,
      resources: this.resources,
      hooks: new TaskHookTable(),
      taskStore: this.taskStore,
      secrets: SecretBox.ephemeral(),
      executors: { inline, isolated: inline },
      publish: (name, args) => this.#publish(name, args),
      clock: this.clock,
      now: () => new Date(this.clock.nowMs()),
      logger: this.#logger,
      tracer: TaskTracer.ofRegisteredSdk(),
      mayRun: ({ owner }) => !this.demoted.has(owner),
      verifyTimeoutMs: 30_000,
      history: { maxAgeMs: Infinity, maxCount: Infinity },
      ...(this.guard !== null && { onIllegalTransition: this.guard }),
    });
    await this.engine.open();
    return this;
  }

  /** The store is closed under the engine, as when the process dies; then another engine starts on it. */
  async restart(): Promise<this> {
    await this.store?.close();
    this.resources = new ResourceGraph();
    for (const name of this.#resourceNames) this.resources.register(name, { owner: 'test' });
    return this.start();
  }

  /** Something to lock, which is there again after a restart. */
  addResource(name: string): void {
    this.#resourceNames.push(name);
    this.resources.register(name, { owner: 'test' });
  }

  define(name: string, { run, rollback, options = {} }: Behaviour): void {
    const note = (id: number): void => void this.ran.push(id);
    class Defined extends Task {
      verify(claims: Claims = []): Claims {
        return claims;
      }
      run(...args: unknown[]): unknown {
        note(this.id);
        return run?.(this, ...args) ?? null;
      }
    }
    if (rollback !== undefined) {
      const undo = function (this: Task, ...args: unknown[]): Promise<void> {
        return rollback(this, ...args);
      };
      Object.assign(Defined.prototype, { rollback: undo });
    }
    const handler: TaskHandler = {
      name,
      owner: 'test',
      className: 'Defined',
      description: null,
      earlyDescribe: null,
      options,
      isAbortable: true,
      hasRollback: rollback !== undefined,
      isPrivate: false,
      roles: [],
      argumentsValidator: null,
      resultValidator: null,
      origin: {
        plugin: 'test',
        entry: '',
        generation: 1,
        options: {},
        sources: () => new Map(),
        keep: () => () => undefined,
      },
      acquire: () => this.#taskResources(),
      create: (context) => Promise.resolve(bound(new Defined(), context)),
    };
    this.handlers.add(name, { owner: 'test', value: handler });
  }

  submit(name: string, ...args: unknown[]): Promise<number> {
    return this.engine.submit({ name, args, sender: ROOT });
  }

  submitAs(idempotencyKey: string, name: string, ...args: unknown[]): Promise<number> {
    return this.engine.submit({ name, args, sender: ROOT, environment: { idempotencyKey } });
  }

  open(gate: string): void {
    this.#gates.get(gate)?.();
  }

  isAt(gate: string): boolean {
    return this.#gates.has(gate);
  }

  named(name: string): SeenEvent[] {
    return this.events.filter((event) => event.name === name);
  }

  /** States that were announced for the task, in order. */
  statesOf(id: number): unknown[] {
    return this.events
      .filter(({ name, args }) => /^task\.(created|updated)$/.test(name) && args['id'] === id)
      .map(({ args }) => args['state']);
  }

  async dispose(): Promise<void> {
    this.driver.trouble = null;
    await this.taskStore.close();
    await this.store?.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #openTaskStore(store: DocumentStore): Promise<DatastoreTaskStore> {
    return DatastoreTaskStore.open({
      store,
      clock: this.clock,
      logger: this.#logger,
      onFailure: (failure) => {
        if (failure === null) this.#publish('task.store_recovered', {});
        else this.#publish('task.store_failed', { message: failure.message });
      },
    });
  }

  #publish(name: string, args: Readonly<Record<string, unknown>>): void {
    this.events.push({ name, args, atMs: this.clock.nowMs() });
  }

  #standAt(gate: string): Promise<void> {
    return new Promise((resolve) => void this.#gates.set(gate, resolve));
  }

  #taskResources(): TaskResources {
    return {
      dispatcher: {} as Dispatcher,
      datastore: {} as Datastore,
      configstore: {} as ConfigStore,
      logger: this.#logger,
      release: () => Promise.resolve(),
    };
  }
}

function bound(task: Task, context: TaskContext): Task {
  bindTask(task, context);
  return task;
}

function collector(lines: string[]): Logger {
  const add = (message: string): void => void lines.push(message);
  return { trace: add, debug: add, info: add, warn: add, error: add };
}
