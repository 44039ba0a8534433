import type { Errno } from '../../common/index.js';
import type { TaskContext } from '../../sdk/index.js';
import type { TaskHandler } from '../task-handler.js';

/** Why a task failed, in a form that crosses processes and is kept in its row. */
export interface RunFailure {
  /** Name of the class of what was thrown. */
  readonly type: string;
  readonly code: Errno;
  readonly message: string;
  readonly extra?: unknown;
  readonly stacktrace: string;
  /** The task said that another try may help. */
  readonly isRetryable?: true;
}

/** How `run` or `rollback` ended. */
export type RunOutcome =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly failure: RunFailure }
  /** The executor is gone: it crashed, ran out of memory, exited, or was ended. */
  | { readonly kind: 'died'; readonly reason: string };

/** One task for an executor. */
export interface TaskAssignment {
  readonly handler: TaskHandler;
  /** Checked, with defaults filled in; passwords readable. */
  readonly args: readonly unknown[];
  /** Serves the task; its `signal` fires when the task is asked to stop. */
  readonly context: TaskContext;
  /** A subtask gets an executor at once, whatever the bound: its parent waits for it. */
  readonly isSubtask: boolean;
  /** What the task wrote to standard output and error, piece by piece. */
  readonly onOutput: (text: string) => void;
}

export interface OpenSessionOptions {
  /** Gives up waiting for an executor. */
  readonly signal: AbortSignal;
}

/** Runs tasks: in the server's process, or in processes of their own. */
export interface TaskExecutor {
  /** Why nobody can be started to run tasks at the moment, those who wait go on waiting; null: no reason. */
  readonly obstacle: string | null;
  /**
   * Resolves when somebody is there to run the task, however long the machine has nothing to start a
   * process with.
   *
   * @throws (rejects with) the signal's reason when it fires first; Error when the plugin's code cannot be
   *   loaded or, in the server's own, the instance cannot be made. A process of its own loads the code
   *   and makes the instance when it runs the task: what fails there is the outcome of {@link TaskSession.run}.
   */
  open(assignment: TaskAssignment, options: OpenSessionOptions): Promise<TaskSession>;
}

/** An executor that is one task's until {@link close}. */
export interface TaskSession {
  /** False once the executor has died. */
  readonly isAlive: boolean;
  /** Never rejects. */
  run(): Promise<RunOutcome>;
  /** On the instance that ran, or a new one when nothing ran in this session. Never rejects. */
  rollback(): Promise<RunOutcome>;
  /**
   * The task was asked to stop (the context's signal has fired): calls its `abort()`. Where the task
   * can be ended by force it is, after the grace time or at once when `abort()` answered false; the
   * outcome is `died` then.
   */
  abort(): void;
  /** Ends the executor by force now, where that can be done. */
  kill(reason: string): void;
  /** The executor is free for other tasks. */
  close(): Promise<void>;
}
