import type { TaskContext } from '../../sdk/index.js';
import type { Verdict } from '../engine/verifier.js';
import type {
  OpenSessionOptions,
  RunOutcome,
  TaskAssignment,
  TaskSession,
} from '../executors/executor.js';
import type { TaskHookMoment } from '../hooks/task-hook-table.js';
import type { StoredTask } from '../row/task-row.js';
import type { TaskHandler } from '../task-handler.js';

/** What decides where a task is to run. */
export interface Placing {
  readonly handler: TaskHandler;
  readonly environment: Readonly<Record<string, unknown>>;
  /** Where what it is a part of runs; null when it is a part of nothing. */
  readonly parent: string | null;
  /** The node that it was submitted at; null when that is not known. */
  readonly submittedAt: string | null;
}

export interface VerifyRequest {
  readonly node: string | null;
  readonly handler: TaskHandler;
  readonly args: readonly unknown[];
  readonly context: TaskContext;
}

/** How a run ended, or that nobody can tell: its node is gone, or nothing has been heard of it for too long. */
export type SiteOutcome = RunOutcome | { readonly kind: 'lost'; readonly node: string };

/** The tasks that are to run around another one, where it runs. */
export type SessionHooks = Readonly<Record<TaskHookMoment, readonly string[]>>;

export interface SiteSession extends Omit<TaskSession, 'run' | 'rollback'> {
  /** Not given: the hooks of this server. */
  readonly hooks?: SessionHooks;
  /** Never rejects. */
  run(): Promise<SiteOutcome>;
  /** Never rejects. */
  rollback(): Promise<SiteOutcome>;
}

/** A run that an earlier leader has begun and that may go on. */
export interface OngoingRun {
  readonly session: SiteSession;
  /** The number of the attempt that was begun last; 0 when none was. */
  readonly attempt: number;
  /** How long that attempt has been running. */
  readonly elapsedMs: number;
  /** What it has printed up to now. */
  readonly output: string;
}

/**
 * Where tasks are verified and run: in this server, or at the nodes of a cluster. Nodes are null on a
 * server that is alone.
 */
export interface ExecutorSite {
  /** The node that a new task belongs to. */
  place(placing: Placing): string | null;
  /** @throws (rejects with) whatever `verify` throws; RpcException ENOENT when its node does not come back */
  verify(request: VerifyRequest): Promise<Verdict>;
  /** As `TaskExecutor.open`. @throws (rejects with) also RpcException ENOENT when its node does not come back */
  open(
    node: string | null,
    assignment: TaskAssignment,
    options: OpenSessionOptions,
  ): Promise<SiteSession>;
  /** Why nobody can be started to run tasks of a class at the moment; null when nothing is known to hinder. */
  obstacle(node: string | null, handler: TaskHandler): string | null;
  /** What may have become of a task that ran when the engine before this one ended; null: it does not run. */
  ongoing(row: StoredTask): OngoingRun | null;
  /** The end of a task is stored: nobody asks again how its run ended. */
  ended(row: StoredTask): void;
}
