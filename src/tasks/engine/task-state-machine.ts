import type { TaskState } from '../row/task-state.js';
import type { ScheduleState } from '../scheduler/index.js';

/**
 * Where a task is. There is one machine for each task, and it is finer than the state that its row
 * shows and the one that the scheduler has it in: both follow from it.
 *
 *     stage        row         scheduler   what it waits for
 *     verifying    CREATED     announced   its verify, which says what it claims
 *     queued       WAITING     announced   the verifies of those submitted before it
 *     waiting      WAITING     waiting     its locks
 *     opening      WAITING     running     an executor
 *     running      EXECUTING   running     its run, and the hooks around it
 *     settling     EXECUTING   running     its outcome is known, and an abort comes too late
 *     rollingBack  ROLLBACK    running     its rollback
 *     finished, failed, aborted            the end; its last row is on its way to the disk
 *     disowned     as it was   gone        its first row could not be stored: there is no such task
 *     recovered    as it was   announced   the plugins, after a restart of the server
 */
export const STAGES = {
  recovered: { row: null, schedule: 'announced' },
  verifying: { row: 'CREATED', schedule: 'announced' },
  queued: { row: 'WAITING', schedule: 'announced' },
  waiting: { row: 'WAITING', schedule: 'waiting' },
  opening: { row: 'WAITING', schedule: 'running' },
  running: { row: 'EXECUTING', schedule: 'running' },
  settling: { row: 'EXECUTING', schedule: 'running' },
  rollingBack: { row: 'ROLLBACK', schedule: 'running' },
  finished: { row: 'FINISHED', schedule: 'ended' },
  failed: { row: 'FAILED', schedule: 'ended' },
  aborted: { row: 'ABORTED', schedule: 'ended' },
  disowned: { row: null, schedule: 'ended' },
} as const satisfies Record<
  string,
  { readonly row: TaskState | null; readonly schedule: ScheduleState }
>;
export type StageName = keyof typeof STAGES;

/** From where a task may go where, and because of what. Everything else is a mistake in the engine. */
export const TRANSITIONS: Readonly<
  Record<StageName, Readonly<Partial<Record<StageName, string>>>>
> = {
  recovered: {
    verifying: 'it had not been verified',
    queued: 'its claims are known; one that ran has asked to run again',
    running: 'its node goes on with it, and another one leads',
    failed: 'it ran when the server died, or its class or its secrets are gone',
    aborted: 'it was told to stop, before or after the restart',
  },
  verifying: {
    queued: 'its verify says what it claims',
    failed: 'its verify refuses',
    aborted: 'it was told to stop',
    disowned: 'its first row cannot be stored',
  },
  queued: {
    waiting: 'those before it are admitted',
    failed: 'its claims are neither of its parent nor free, or its row cannot be stored',
    aborted: 'it was told to stop',
    disowned: 'its first row cannot be stored',
  },
  waiting: {
    opening: 'it has its locks',
    failed: 'what it claims does not exist, or its row cannot be stored',
    aborted: 'it was told to stop',
    disowned: 'its first row cannot be stored',
  },
  opening: {
    running: 'it has an executor',
    failed: 'there is no executor for it, or its submitter may not run it any more',
    aborted: 'it was told to stop',
    disowned: 'its first row cannot be stored',
  },
  running: {
    settling: 'its run and the hooks around it have ended',
    failed: 'its row cannot be stored',
    aborted: 'it was told to stop before its run had begun',
    disowned: 'its first row cannot be stored',
  },
  settling: {
    rollingBack: 'it has not finished, and has a rollback',
    finished: 'its run returned',
    failed: 'its run threw, or died, or took too long',
    aborted: 'it was told to stop',
  },
  rollingBack: {
    failed: 'its run threw, or died, or took too long',
    aborted: 'it was told to stop',
  },
  finished: { failed: 'its result cannot be stored' },
  failed: { failed: 'its error or its output cannot be stored' },
  aborted: { failed: 'its output cannot be stored' },
  disowned: {},
};

/** A step that the table has not got. */
export class IllegalTransitionError extends Error {
  constructor(
    readonly task: number,
    readonly from: StageName,
    readonly to: StageName,
  ) {
    super(`Task ${task} cannot go from ${from} to ${to}: that is a mistake in the server`);
    this.name = 'IllegalTransitionError';
  }
}

/** Told of each step that is refused; it may throw. */
export type TransitionGuard = (error: IllegalTransitionError) => void;

export interface TaskStateMachineParts<Stage> {
  /** Of the task. */
  readonly id: number;
  readonly first: Stage;
  readonly guard: TransitionGuard;
}

/** What a stage holds besides its name, a task has only while it is there. */
export class TaskStateMachine<Stage extends { readonly at: StageName }> {
  readonly #id: number;
  readonly #guard: TransitionGuard;
  #stage: Stage;

  constructor({ id, first, guard }: TaskStateMachineParts<Stage>) {
    this.#id = id;
    this.#stage = first;
    this.#guard = guard;
  }

  get stage(): Stage {
    return this.#stage;
  }

  /** False when it may not go there: then it stays where it is. */
  enter(next: Stage): boolean {
    const from = this.#stage.at;
    if (TRANSITIONS[from][next.at] === undefined) {
      this.#guard(new IllegalTransitionError(this.#id, from, next.at));
      return false;
    }
    this.#stage = next;
    return true;
  }
}
