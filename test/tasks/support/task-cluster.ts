import { expect, vi } from 'vitest';
import { DocumentStore, SecretBox } from '../../../src/datastore/index.js';
import { systemClock } from '../../../src/events/index.js';
import {
  bindTask,
  type Claims,
  type ConfigStore,
  type Datastore,
  type Dispatcher,
  type Sender,
  Task,
  type TaskOptions,
} from '../../../src/sdk/index.js';
import {
  InlineExecutor,
  type RunOutcome,
  type StoredTask,
  type TaskAssignment,
  type TaskExecutor,
  type TaskHandler,
  TaskHandlerTable,
  TaskHookTable,
  type TaskSession,
} from '../../../src/tasks/index.js';
import type { ClusterTaskSeat } from '../../../src/tasks/cluster/cluster-task-seat.js';
import {
  clusterTasks,
  type LeaderAccess,
  openLeaderAccess,
  type TaskPorts,
} from '../../../src/tasks/cluster/cluster-tasks.js';
import { RecordingLogger } from '../../../src/testing/index.js';
import { MemoryDriver, MemoryStore } from '../../../src/testing/memory.driver.js';
import { FakeNetwork, type FakeNode } from './fake-cluster.js';

const ROOT: Sender = {
  kind: 'user',
  user: 'root',
  roles: ['admin'],
  address: 'unix,1',
  sessionId: 1,
};

export const NODE_LOST_MS = 600;

export function until(condition: () => unknown): Promise<void> {
  return vi.waitFor(() => expect(condition()).toBe(true), { timeout: 4_000, interval: 5 });
}

export interface Behaviour {
  readonly run?: (task: Task, at: ClusterNode, ...args: unknown[]) => unknown;
  readonly verify?: (at: ClusterNode, ...args: unknown[]) => Claims | Promise<Claims>;
  readonly rollback?: (task: Task, at: ClusterNode) => Promise<void>;
  readonly options?: TaskOptions;
  readonly validators?: Partial<Pick<TaskHandler, 'argumentsValidator' | 'resultValidator'>>;
}

export interface SeenEvent {
  readonly node: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What the nodes of a test have in common, whatever is between them. */
export class TaskStage {
  readonly nodes = new Map<string, ClusterNode>();
  readonly events: SeenEvent[] = [];
  readonly secrets = SecretBox.ephemeral();
  readonly #gates = new Map<string, () => void>();

  constructor(protected readonly reader: DocumentStore) {}

  node(name: string): ClusterNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`There is no node ${name}`);
    return node;
  }

  /** At all nodes that there are. */
  define(name: string, behaviour: Behaviour): void {
    for (const node of this.nodes.values()) node.define(name, behaviour);
  }

  /** Stands at the gate until {@link open}. */
  standAt(gate: string): Promise<void> {
    return new Promise((resolve) => void this.#gates.set(gate, resolve));
  }

  isAt(gate: string): boolean {
    return this.#gates.has(gate);
  }

  open(gate: string): void {
    this.#gates.get(gate)?.();
  }

  async row(id: number): Promise<StoredTask> {
    const row = await this.reader.getById<StoredTask>('tasks', id);
    if (row === null) throw new Error(`There is no task ${id}`);
    return row;
  }

  async allRows(): Promise<StoredTask[]> {
    return this.reader.query<StoredTask>('tasks', null, { sort: 'id' });
  }

  async dispose(): Promise<void> {
    await Promise.all(Array.from(this.nodes.values(), ({ seat }) => seat.stop(0)));
  }
}

/** Nodes with the tasks of a server each, over one store, in one process. */
export class TaskCluster extends TaskStage {
  readonly rows: MemoryStore;
  readonly network: FakeNetwork;

  private constructor(rows: MemoryStore) {
    super(memory(rows));
    this.rows = rows;
    this.network = new FakeNetwork(rows);
  }

  /** Nodes that all have the same classes. */
  static with(...names: string[]): TaskCluster {
    const cluster = new TaskCluster(new MemoryStore());
    for (const name of names) cluster.#add(name);
    return cluster;
  }

  #add(name: string): void {
    const ports = this.network.join(name);
    this.nodes.set(name, new ClusterNode(this, { name, ports, store: memory(this.rows) }));
  }

  /** What is between a node and the others. */
  between(name: string): FakeNode {
    const node = this.network.nodes.get(name);
    if (node === undefined) throw new Error(`There is no node ${name}`);
    return node;
  }
}

function memory(rows: MemoryStore): DocumentStore {
  return new DocumentStore(new MemoryDriver(rows));
}

export interface ClusterNodeParts {
  readonly name: string;
  readonly ports: TaskPorts;
  readonly store: DocumentStore;
  /** As long as a node may be away; {@link NODE_LOST_MS}. */
  readonly nodeLostMs?: number;
}

export class ClusterNode {
  readonly name: string;
  readonly handlers = new TaskHandlerTable();
  readonly hooks = new TaskHookTable();
  readonly logger = new RecordingLogger();
  readonly access: LeaderAccess;
  readonly seat: ClusterTaskSeat;
  /** Why executors were ended by force. */
  readonly killed: string[] = [];

  constructor(
    readonly cluster: TaskStage,
    { name: self, ports, store, nodeLostMs = NODE_LOST_MS }: ClusterNodeParts,
  ) {
    this.name = self;
    const clock = systemClock;
    this.access = openLeaderAccess(ports, { clock });
    const executor = new KillableExecutor(this.killed);
    this.seat = clusterTasks({
      ports,
      access: this.access,
      engine: {
        hooks: this.hooks,
        secrets: cluster.secrets,
        executors: { inline: executor, isolated: executor },
        publish: (name, args) => void cluster.events.push({ node: this.name, name, args }),
        clock,
        now: () => new Date(),
        logger: this.logger,
        tracer: null,
        mayRun: () => true,
        verifyTimeoutMs: 30_000,
        history: { maxAgeMs: Infinity, maxCount: Infinity },
        onIllegalTransition: (error) => {
          throw error;
        },
      },
      handlers: this.handlers,
      store,
      onStoreFailure: () => undefined,
      nodeLostMs,
    });
    this.define('nothing', {});
    this.define('gate', { run: (_, __, name) => cluster.standAt(String(name)) });
    this.seat.start();
  }

  submit(name: string, ...args: unknown[]): Promise<number> {
    return this.submitWith({}, name, ...args);
  }

  submitWith(
    environment: Record<string, unknown>,
    name: string,
    ...args: unknown[]
  ): Promise<number> {
    return this.seat.submit({ name, args, sender: ROOT, environment });
  }

  define(name: string, { run, verify, rollback, options = {}, validators = {} }: Behaviour): void {
    const make = (): Task => {
      const node = this as ClusterNode;
      class Defined extends Task {
        verify(...args: unknown[]): Claims | Promise<Claims> {
          return verify?.(node, ...args) ?? [];
        }
        run(...args: unknown[]): unknown {
          return run?.(this, node, ...args) ?? null;
        }
      }
      const task = new Defined();
      if (rollback !== undefined) Object.assign(task, { rollback: () => rollback(task, node) });
      return task;
    };
    const handler: TaskHandler = {
      ...{ name, owner: 'test', className: 'Defined', description: null, earlyDescribe: null },
      ...{ options, isAbortable: true, hasRollback: rollback !== undefined, isPrivate: false },
      ...{ roles: [], argumentsValidator: null, resultValidator: null, ...validators },
      origin: {
        ...{ plugin: 'test', entry: '', generation: 1, options: {} },
        sources: () => new Map(),
        keep: () => () => undefined,
      },
      acquire: () => ({
        dispatcher: {} as Dispatcher,
        datastore: {} as Datastore,
        configstore: {} as ConfigStore,
        logger: this.logger,
        release: () => Promise.resolve(),
      }),
      create: (context) => {
        const task = make();
        bindTask(task, context);
        return Promise.resolve(task);
      },
    };
    this.handlers.add(name, { owner: 'test', value: handler });
  }
}

/** Runs tasks in this process, and has them ended by force as processes of their own are. */
class KillableExecutor implements TaskExecutor {
  readonly obstacle = null;
  readonly #inline = new InlineExecutor();

  constructor(private readonly killed: string[]) {}

  async open(
    assignment: TaskAssignment,
    options: { readonly signal: AbortSignal },
  ): Promise<TaskSession> {
    const inner = await this.#inline.open(assignment, options);
    let die: (reason: string) => void = () => undefined;
    const death = new Promise<RunOutcome>((resolve) => {
      die = (reason) => resolve({ kind: 'died', reason });
    });
    return {
      isAlive: true,
      run: () => Promise.race([inner.run(), death]),
      rollback: () => Promise.race([inner.rollback(), death]),
      abort: () => inner.abort(),
      kill: (reason) => {
        this.killed.push(reason);
        die(reason);
      },
      close: () => {
        die('its session was closed');
        return inner.close();
      },
    };
  }
}
