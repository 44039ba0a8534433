import { coded } from '../../common/index.js';
import type { Clock } from '../../events/index.js';
import type { ResourceGraph } from '../resources/index.js';
import { type ScheduleOutcome, TaskScheduler } from '../scheduler/index.js';
import type { Claims } from '../../sdk/index.js';
import type { ActiveTask } from './active-task.js';
import { AdmissionQueue } from './admission-queue.js';
import type { LiveTasks } from './live-tasks.js';

/** Told what becomes of those that are ready. */
interface AdmissionObserver {
  /** It has its locks. */
  granted(task: ActiveTask): void;
  /** It will never have them. */
  refused(task: ActiveTask, error: unknown): void;
}

/** What the names that a task claims stand for, at the node where it runs. */
export type ClaimResolver = (node: string, claims: Claims) => Claims;

export interface TaskAdmissionDependencies {
  readonly graph: ResourceGraph;
  readonly clock: Clock;
  readonly live: LiveTasks;
  readonly resolveClaims?: ClaimResolver | undefined;
  readonly observer: AdmissionObserver;
}

/**
 * The way of a task from its submission to its locks: the queue that keeps the order of submits, one
 * for all and one for the subtasks of each task, and the scheduler behind them.
 */
export class TaskAdmission {
  readonly scheduler: TaskScheduler;
  readonly #queue: AdmissionQueue;

  constructor(private readonly dependencies: TaskAdmissionDependencies) {
    const { graph, clock } = dependencies;
    this.scheduler = new TaskScheduler({
      graph,
      onOutcome: (outcome) => this.#onOutcome(outcome),
    });
    this.#queue = new AdmissionQueue({ clock, admit: (id, claims) => this.#admit(id, claims) });
  }

  /** Takes a place. Without a deadline it is kept until the claims are known. */
  announce(task: ActiveTask, options: { readonly hasDeadline?: boolean } = {}): void {
    if (task.parent === null) this.scheduler.announce(task.id);
    this.#queueOf(task).enter(task.id, options);
  }

  /** Its claims are not known at once: it has its place for a second more. */
  startDeadline(task: ActiveTask): void {
    this.#queueOf(task).startDeadline(task.id);
  }

  /** It runs already, under an engine that comes after the one that began it: its locks are its own. */
  takeUp(task: ActiveTask): void {
    const { id, parent, row } = task;
    const claims = this.#claimsOf(task, row.resources);
    if (parent === null) this.scheduler.admit(id, claims);
    else this.scheduler.admitSubtask(parent.id, id, claims);
  }

  /** Its claims are known: it is admitted when those before it are. */
  ready(task: ActiveTask, claims: Claims): void {
    this.#queueOf(task).ready(task.id, claims);
  }

  /** It has ended, or never will run: its locks and its place are free. */
  leave(task: ActiveTask): void {
    this.#queueOf(task).leave(task.id);
    this.scheduler.release(task.id);
  }

  /** The task that this one has to be admitted behind; null when there is none. */
  precedes(task: ActiveTask): number | null {
    return this.#queueOf(task).precedes(task.id);
  }

  #queueOf({ parent }: ActiveTask): AdmissionQueue {
    const run = parent?.run ?? null;
    if (parent === null || run === null) return this.#queue;
    run.childQueue ??= new AdmissionQueue({
      clock: this.dependencies.clock,
      admit: (id, claims) => this.#admitSubtask(parent, id, claims),
    });
    return run.childQueue;
  }

  #admit(id: number, claims: Claims): void {
    const task = this.dependencies.live.get(id);
    if (task?.enter({ at: 'waiting' }) !== true) return;
    this.scheduler.admit(id, this.#claimsOf(task, claims));
  }

  /** The claims of a subtask are its parent's already, or are free, or it fails. */
  #admitSubtask(parent: ActiveTask, id: number, claims: Claims): void {
    const { live, observer } = this.dependencies;
    const task = live.get(id);
    if (task?.enter({ at: 'waiting' }) !== true) return;
    try {
      if (!parent.isAtWork) throw coded('PARENT_ENDED', { id: parent.id });
      this.scheduler.admitSubtask(parent.id, id, this.#claimsOf(task, claims));
    } catch (error) {
      observer.refused(task, error);
    }
  }

  #claimsOf({ row }: ActiveTask, claims: Claims): Claims {
    const { resolveClaims } = this.dependencies;
    return resolveClaims === undefined || row.node === undefined
      ? claims
      : resolveClaims(row.node, claims);
  }

  #onOutcome(outcome: ScheduleOutcome): void {
    const { live, observer } = this.dependencies;
    const task = live.get(outcome.task);
    if (task === undefined) return;
    if (outcome.kind === 'started') observer.granted(task);
    else observer.refused(task, outcome.error);
  }
}
