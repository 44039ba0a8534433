import type { StoredTask } from './row/task-row.js';
import type { ActiveTask } from './engine/active-task.js';
import type { LiveTasks } from './engine/live-tasks.js';
import type { Submission } from './engine/submission.js';
import type { TaskTally } from './engine/task-tally.js';
import type { Verdict } from './engine/verifier.js';
import type { TaskScheduler } from './scheduler/index.js';
import type { SubmitRequest, TaskSubmitter } from './task-submitter.js';

/**
 * Where the rest of the server hands tasks in, waits for them and stops them. On a server that is
 * alone it is the engine itself; a node of a cluster has one that knows where the engine is.
 */
export abstract class TaskSeat implements TaskSubmitter {
  /** The tasks that have not ended; none where the engine is on another node. */
  abstract readonly live: Pick<LiveTasks, 'get' | 'all'>;
  /** How tasks ended since the engine of this node began. */
  abstract readonly ended: Pick<TaskTally, 'byName'>;
  abstract readonly scheduler: Pick<TaskScheduler, 'explain' | 'listResources'>;

  /** Takes up the tasks that had not ended, before anybody can submit another. */
  abstract open(): Promise<void>;
  /** Lets them go on; to be called when the plugins are loaded. */
  abstract start(): void;
  /** Takes no more tasks and starts none; resolves when none runs here, or after `graceMs`. */
  abstract stop(graceMs: number): Promise<void>;

  /** @throws (rejects with) RpcException why there is no such task */
  abstract submit(request: SubmitRequest): Promise<number>;
  abstract resultOf(id: number): Promise<unknown>;
  /**
   * Resolves with the row of the task once it has ended and that can be read.
   *
   * @throws (rejects with) RpcException ENOENT; the signal's reason when it fires first
   */
  abstract wait(id: number, signal?: AbortSignal): Promise<StoredTask>;
  /**
   * Tells a task to stop; true when it will end because of that.
   *
   * @throws (rejects with) RpcException ENOENT
   */
  abstract abort(id: number): Promise<boolean>;
  /**
   * What a task would claim and say of itself, without being submitted.
   *
   * @throws (rejects with) RpcException what its submit would, and what its verify would
   */
  abstract plan(request: SubmitRequest): Promise<Verdict>;
  /**
   * Judges a request as its submit would, and makes nothing of it; the arguments are those that the task
   * would get.
   *
   * @throws (rejects with) RpcException why there would be no such task
   */
  abstract assertSubmittable(request: SubmitRequest): Promise<Pick<Submission, 'args'>>;

  /** The task that this one has to be admitted behind; null when there is none. */
  abstract admittedBehind(task: ActiveTask): number | null;
  /** Why no executor can be started for it at the moment; null when nothing is known to hinder. */
  abstract executorObstacle(task: ActiveTask): string | null;
}
