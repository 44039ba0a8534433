import { randomUUID } from 'node:crypto';
import type { Leader } from '../../cluster/index.js';
import { coded, messageOf } from '../../common/index.js';
import type { SecretBox } from '../../datastore/index.js';
import { checkSubmission, type Submission } from '../engine/submission.js';
import type { ActiveTask } from '../engine/active-task.js';
import { LiveTasks } from '../engine/live-tasks.js';
import { resultOf } from '../engine/task-error.js';
import { TaskTally } from '../engine/task-tally.js';
import type { Verdict } from '../engine/verifier.js';
import { ResourceGraph } from '../resources/index.js';
import type { StoredTask } from '../row/task-row.js';
import { TaskScheduler } from '../scheduler/index.js';
import type { TaskStore } from '../store/task-store.js';
import type { TaskHandlerTable } from '../task-handler-table.js';
import { TaskSeat } from '../task-seat.js';
import type { SubmitRequest } from '../task-submitter.js';
import { hashOfClass } from './class-description.js';
import type { LeaderLink } from './leader-link.js';
import { Leading, type LeadingDependencies } from './leading.js';
import type { SubmissionMessage } from './node-messages.js';
import type { NodeRuns } from './node-runs.js';

export interface ClusterTaskSeatDependencies extends LeadingDependencies {
  readonly runs: NodeRuns;
  readonly toLeader: LeaderLink;
  readonly secrets: SecretBox;
  /** The classes of this node. */
  readonly own: TaskHandlerTable;
  /** For reading. */
  readonly rows: Pick<TaskStore, 'get'>;
}

/** How soon it is tried again to take over, when the store did not answer. */
const AGAIN_MS = 1_000;

/**
 * A node's part in the tasks of its cluster. While it leads the engine is here; what is asked of tasks
 * goes to whichever node leads, and once more to the next one if that does not answer.
 */
export class ClusterTaskSeat extends TaskSeat {
  readonly #unwatch: () => void;
  readonly #none = {
    live: new LiveTasks(),
    ended: new TaskTally(),
    scheduler: new TaskScheduler({ graph: new ResourceGraph(), onOutcome: () => undefined }),
  };
  #leading: Leading | null = null;
  /** The store has said that it is over, before anybody else. */
  #lostTerm = 0;
  #isStarted = false;
  #isStopping = false;
  #isAnnouncing = false;

  constructor(private readonly dependencies: ClusterTaskSeatDependencies) {
    super();
    const { leadership, own } = dependencies;
    this.#unwatch = leadership.onChange((leader) => this.#follow(leader));
    own.onChange(() => this.#announceLater());
  }

  get live(): Pick<LiveTasks, 'get' | 'all'> {
    return this.#leading?.engine?.live ?? this.#none.live;
  }

  get ended(): Pick<TaskTally, 'byName'> {
    return this.#leading?.engine?.ended ?? this.#none.ended;
  }

  get scheduler(): Pick<TaskScheduler, 'explain' | 'listResources'> {
    return this.#leading?.engine?.scheduler ?? this.#none.scheduler;
  }

  /** What had not ended is taken up by whoever leads. */
  open(): Promise<void> {
    return Promise.resolve();
  }

  start(): void {
    this.#isStarted = true;
    this.#announceLater();
    this.#follow(this.dependencies.leadership.leader);
  }

  /** To be called when this node does not lead any more: what it runs may come to its end. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#unwatch();
    this.#end();
    await this.dependencies.runs.drain(graceMs);
    this.dependencies.toLeader.close();
    this.dependencies.presence.close();
  }

  async submit(request: SubmitRequest): Promise<number> {
    const submission = await this.#checked(request);
    const ask = 'submit';
    const id = await this.dependencies.toLeader.ask((attempt) => ({
      ask,
      submission: attempt === 1 ? submission : notFresh(submission),
    }));
    return id as number;
  }

  async plan(request: SubmitRequest): Promise<Verdict> {
    const submission = await this.#checked(request);
    return (await this.dependencies.toLeader.ask(() => ({ ask: 'plan', submission }))) as Verdict;
  }

  async assertSubmittable(request: SubmitRequest): Promise<Pick<Submission, 'args'>> {
    return this.#judged(request);
  }

  async resultOf(id: number): Promise<unknown> {
    return resultOf(await this.wait(id));
  }

  async wait(id: number, signal?: AbortSignal): Promise<StoredTask> {
    const options = { signal, patienceMs: Infinity };
    await this.dependencies.toLeader.ask(() => ({ ask: 'wait', id }), options);
    const row = await this.dependencies.rows.get(id);
    if (row === null) throw coded('TASK_NOT_FOUND');
    return row;
  }

  async abort(id: number): Promise<boolean> {
    return (await this.dependencies.toLeader.ask(() => ({ ask: 'abort', id }))) as boolean;
  }

  admittedBehind(task: ActiveTask): number | null {
    return this.#leading?.engine?.admittedBehind(task) ?? null;
  }

  executorObstacle(task: ActiveTask): string | null {
    return this.#leading?.engine?.executorObstacle(task) ?? null;
  }

  /** Judged by the rights of who asks, where that is known. */
  async #judged(request: SubmitRequest): Promise<Submission> {
    if (this.#isStopping) throw coded('TASKS_STOPPING');
    const { handlers, secrets } = this.dependencies;
    const handler = await handlers.require(request.name);
    const submission = checkSubmission(request, handler, secrets);
    const { args, isStrict = false } = request;
    if (handler.check === undefined) return submission;
    return { ...submission, args: await handler.check(args, isStrict) };
  }

  async #checked(request: SubmitRequest): Promise<SubmissionMessage> {
    const { packer, self } = this.dependencies;
    const { handler, args, environment, idempotency, ...rest } = await this.#judged(request);
    await handler.guard?.({ ...request, args });
    const given = packer.pack([args, environment]);
    const once = idempotency ?? onlyOnce();
    return { ...rest, name: handler.name, given, idempotency: once, submittedAt: self };
  }

  #follow(leader: Leader | null): void {
    const { leadership, self } = this.dependencies;
    const term = leader?.node === self ? leadership.term : null;
    if (this.#leading !== null && this.#leading.term !== term) this.#end();
    if (term === null || term <= this.#lostTerm || this.#leading !== null) return;
    if (!this.#isStarted || this.#isStopping) return;
    const leading = new Leading(term, this.dependencies);
    this.#leading = leading;
    leading.over.addEventListener('abort', () => this.#lost(leading), { once: true });
    void this.#takeOver(leading);
  }

  async #takeOver(leading: Leading): Promise<void> {
    const { leadership, toLeader, logger, clock } = this.dependencies;
    try {
      const guard = leadership.guard() ?? { term: leading.term };
      await leading.begin(guard);
      if (this.#leading === leading) toLeader.lead(leading);
      logger.info(`This node leads: it has taken over the tasks`, { term: leading.term });
    } catch (error) {
      if (leading.over.aborted) return;
      logger.error(`The tasks could not be taken over: ${messageOf(error)}`);
      this.#end();
      clock.after(AGAIN_MS, () => this.#follow(leadership.leader));
    }
  }

  /** Another node leads, which the store knew first. */
  #lost(leading: Leading): void {
    if (this.#leading !== leading) return;
    this.#lostTerm = leading.term;
    this.#end();
  }

  #end(): void {
    const leading = this.#leading;
    if (leading === null) return;
    this.#leading = null;
    this.dependencies.toLeader.lead(null);
    leading.end();
  }

  /** The other nodes hear which classes there are here, once for all that a plugin brings. */
  #announceLater(): void {
    if (!this.#isStarted || this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    setImmediate(() => {
      this.#isAnnouncing = false;
      const { directory, own, logger } = this.dependencies;
      const hashes = own.entries().map(([name, handler]) => [name, hashOfClass(handler)] as const);
      directory.announce({ tasks: Object.fromEntries(hashes) }).catch((error: unknown) => {
        logger.warn(`The others do not know of this node's tasks: ${messageOf(error)}`);
      });
    });
  }
}

/** Whoever has to ask again asks for the same task. */
function onlyOnce(): SubmissionMessage['idempotency'] {
  const id = randomUUID();
  return { key: JSON.stringify(['submission', id]), digest: '', shown: id, isFresh: true };
}

function notFresh(submission: SubmissionMessage): SubmissionMessage {
  const { key, digest, shown } = submission.idempotency;
  return { ...submission, idempotency: { key, digest, shown } };
}
