import type { Leadership, NodeDirectory, NodeRecord, TermGuard } from '../../cluster/index.js';
import { messageOf, withCause } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type { Logger } from '../../sdk/index.js';
import type { Submission } from '../engine/submission.js';
import { TaskEngine, type TaskEngineDependencies } from '../engine/task-engine.js';
import type { StoredTask } from '../row/task-row.js';
import { executorFor } from '../site/local-site.js';
import type { DatastoreTaskStore } from '../store/datastore-task-store.js';
import type { TaskHandlers } from '../task-handler-table.js';
import { ClusterSite } from './cluster-site.js';
import type { LeaderDesk } from './leader-link.js';
import { LeaderResources } from './leader-resources.js';
import { AWAY, NodeLink, type NodeLinkDependencies } from './node-link.js';
import type { LeaderAsk, RunReport, SubmissionMessage, Survey } from './node-messages.js';
import type { Packed, Packer } from './packed.js';
import { RUN_REQUESTS } from './run-requests.js';
import { announceUntold } from './untold.js';

/** How long nodes may take to say what they run before the leader goes on without them. */
const SURVEY_MS = 2_000;

export interface LeadingDependencies extends Omit<NodeLinkDependencies, 'term'> {
  readonly leadership: Leadership;
  readonly directory: NodeDirectory;
  /** The classes of this node. */
  readonly own: TaskHandlers;
  /** All classes of the cluster. */
  readonly handlers: TaskHandlers;
  readonly packer: Packer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly engine: Omit<TaskEngineDependencies, 'handlers' | 'resources' | 'site' | 'taskStore'>;
  /** The rows of tasks, under a term; `onOver` is told when the store says that it is over. */
  readonly openStore: (term: {
    readonly guard: TermGuard;
    readonly onOver: () => void;
  }) => Promise<DatastoreTaskStore>;
}

/**
 * One term of this node as the leader: its engine, what it knows of the nodes' resources, and the answers
 * to what the nodes ask.
 */
export class Leading implements LeaderDesk {
  readonly resources = new LeaderResources();
  readonly #over = new AbortController();
  readonly #surveyed = new Map<string, string>();
  readonly #reports = new Map<number, RunReport>();
  readonly #link: NodeLink;
  readonly #unwatch: readonly (() => void)[];
  #engine: TaskEngine | null = null;
  #site: ClusterSite | null = null;
  #store: DatastoreTaskStore | null = null;

  constructor(
    readonly term: number,
    private readonly dependencies: LeadingDependencies,
  ) {
    this.#link = new NodeLink({ ...dependencies, term });
    const { directory } = dependencies;
    this.#unwatch = [
      directory.onChange((record) => this.#returned(record)),
      directory.onGone(({ name }) => {
        this.#surveyed.delete(name);
        this.resources.leave(name);
      }),
    ];
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Null until it has taken over. */
  get engine(): TaskEngine | null {
    return this.#engine;
  }

  /**
   * Takes the tasks over. Nothing is granted before the nodes have said what they run, or had their time.
   *
   * @throws (rejects with) RpcException when the store does not answer; the signal's reason when this node
   *   leads no more
   */
  async begin(guard: TermGuard): Promise<void> {
    const { directory, openStore, self } = this.dependencies;
    const nodes = directory.list().filter(({ name, state }) => name === self || state !== 'lost');
    const surveys = await Promise.all(nodes.map((node) => this.#survey(node)));
    const store = await openStore({ guard, onOver: () => this.end() });
    this.#store = store;
    if (this.over.aborted) store.abandon();
    this.over.throwIfAborted();
    for (const found of surveys) {
      for (const run of found?.runs ?? []) this.#reports.set(run.task, run);
    }
    const engine = this.#makeEngine(store);
    await engine.open();
    this.over.throwIfAborted();
    this.#engine = engine;
    engine.start();
    for (const [index, node] of nodes.entries()) {
      const found = surveys[index] ?? null;
      if (found === null) this.#returned(node);
      else this.#endOrphans(node.name, found);
    }
    this.#reports.clear();
    const { engine: parts } = this.dependencies;
    void announceUntold({ store, publish: this.#publish, logger: parts.logger });
  }

  /** Nothing is begun, stored or told any more. */
  end(): void {
    if (this.over.aborted) return;
    this.#over.abort(new Error('Another node leads'));
    for (const unwatch of this.#unwatch) unwatch();
    this.#engine?.drop();
    this.#store?.abandon();
  }

  async answer(ask: LeaderAsk, node: string): Promise<unknown> {
    const engine = this.#engine;
    if (engine === null) return Promise.reject(new Error('This node does not lead yet'));
    switch (ask.ask) {
      case 'submit':
        return engine.enter(await this.#submissionOf(ask.submission));
      case 'plan':
        return engine.planned(await this.#submissionOf(ask.submission));
      case 'wait':
        await engine.wait(ask.id); // who asked reads the row
        return null;
      case 'abort':
        return engine.abort(ask.id);
      case 'resource': {
        this.resources.apply(node, ask.of);
        return;
      }
      case 'context':
        return this.#serveRun(engine, ask);
    }
  }

  readonly #publish: TaskEngineDependencies['publish'] = (event, args, audience) => {
    if (!this.over.aborted) this.dependencies.engine.publish(event, args, audience);
  };

  #makeEngine(taskStore: DatastoreTaskStore): TaskEngine {
    const { handlers, own, directory, self, engine: parts, presence } = this.dependencies;
    const { packer, leadership, clock } = this.dependencies;
    const site = new ClusterSite({
      ...{ self, presence, packer, leadership, clock, link: this.#link, over: this.over },
      ...{ resources: this.resources, reports: this.#reports },
      placement: {
        directory,
        hasHere: (name) => own.get(name) !== undefined,
        load: (node) => this.#engine?.live.countAt(node) ?? 0,
      },
      obstacleHere: (handler) => executorFor(handler, parts.executors).obstacle,
    });
    this.#site = site;
    return new TaskEngine({
      ...{ ...parts, handlers, taskStore, site, publish: this.#publish },
      resources: this.resources.graph,
      resolveClaims: (node, claims) => this.resources.resolve(node, claims),
    });
  }

  async #submissionOf({ name, given, ...rest }: SubmissionMessage): Promise<Submission> {
    const { handlers, packer } = this.dependencies;
    const [args, environment] = packer.unpack(given) as [
      Submission['args'],
      Submission['environment'],
    ];
    return { ...rest, handler: await handlers.require(name), args, environment };
  }

  /** @throws (rejects with) RpcException what the task is refused; ENOENT when it is over */
  async #serveRun(
    engine: TaskEngine,
    { task: id, method, args, call }: Extract<LeaderAsk, { ask: 'context' }>,
  ): Promise<Packed | null> {
    const { packer } = this.dependencies;
    const { task, services } = engine.servicesOf(id);
    const given = packer.unpack(args) as never[];
    const asking = { engine, task, services, call };
    const serve = (): unknown => RUN_REQUESTS[method](asking, ...given);
    return packer.pack((await withCause(task, serve)) ?? null);
  }

  /** Null when it does not say in time what it runs. */
  async #survey({ name, boot }: NodeRecord): Promise<Survey | null> {
    try {
      const how = { signal: this.over, timeoutMs: SURVEY_MS };
      const found = (await this.#link.ask(name, { ask: 'survey' }, how)) as Survey;
      this.resources.declare(name, found.resources);
      this.#surveyed.set(name, boot);
      return found;
    } catch (error) {
      this.over.throwIfAborted();
      const { logger } = this.dependencies;
      logger.warn(`Node ${name} did not say what it runs: ${messageOf(error)}`);
      return null;
    }
  }

  /** A node that could not be asked before: what it runs that nobody wants any more is ended. */
  #returned(record: NodeRecord): void {
    const isThere = record.state === 'live' || record.state === 'draining';
    if (this.#engine === null || !isThere || this.#surveyed.get(record.name) === record.boot)
      return;
    this.#surveyed.set(record.name, record.boot);
    void this.#catchUp(record.name).catch(() => undefined); // this node leads no more
  }

  async #catchUp(name: string): Promise<void> {
    const how = { signal: this.over, endsWhenLeft: true };
    const found = await this.#link.insist(name, { ask: 'survey' }, how);
    if (found === AWAY) {
      this.#surveyed.delete(name);
      return;
    }
    this.resources.declare(name, (found as Survey).resources);
    this.#endOrphans(name, found as Survey);
  }

  #endOrphans(node: string, found: Survey): void {
    for (const { task } of found.runs) {
      const row: StoredTask | undefined = this.#engine?.live.get(task)?.row;
      const isWanted =
        row?.node === node && (row.state === 'EXECUTING' || row.state === 'ROLLBACK');
      if (!isWanted) this.#site?.forget(node, task);
    }
  }
}
