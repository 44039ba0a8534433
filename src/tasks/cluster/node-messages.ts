import type { Claims, TaskDescription } from '../../sdk/index.js';
import type { CrossingError } from '../executors/isolated/crossing-error.js';
import type { Step } from '../executors/task-methods.js';
import type { RegisteredResource, ResourcePlacement, ResourceScope } from '../resources/index.js';
import type { SessionHooks } from '../site/executor-site.js';
import type { TaskHandler } from '../task-handler.js';
import type { Packed } from './packed.js';

/** What any node asks of the leader. */
export const TASKS_CHANNEL = 'tasks';
/** What the leader asks of a node that runs tasks. */
export const RUNS_CHANNEL = 'runs';

export interface TaskIdentity {
  readonly task: number;
  readonly name: string;
  readonly user: string | null;
  readonly cause: string;
  /** Arguments and environment. */
  readonly given: Packed;
}

/** A class as nodes that have not got it know it. */
export type ClassDescription = Pick<
  TaskHandler,
  | 'className'
  | 'description'
  | 'earlyDescribe'
  | 'hasRollback'
  | 'isAbortable'
  | 'isPrivate'
  | 'name'
  | 'options'
  | 'owner'
  | 'roles'
>;

/** What a node says of a run that it has. */
export interface RunReport {
  readonly task: number;
  readonly attempt: number;
  readonly elapsedMs: number;
  readonly output: string;
  readonly hooks: SessionHooks;
}

/** Something that a plugin of a node has registered. */
export interface NodeResource extends RegisteredResource {
  readonly scope?: ResourceScope;
}

export interface Survey {
  readonly runs: readonly RunReport[];
  readonly resources: readonly NodeResource[];
}

export interface VerifyAnswer {
  readonly claims: Claims;
  readonly description: TaskDescription | null;
}

export type PackedOutcome =
  | { readonly kind: 'returned'; readonly value: Packed }
  | { readonly kind: 'threw'; readonly failure: CrossingError }
  | { readonly kind: 'died'; readonly reason: string };

export interface PerformAnswer {
  readonly attempt: number;
  /** Null: the node has no such run. */
  readonly outcome: PackedOutcome | null;
}

export interface OpenRequest extends TaskIdentity {
  readonly run: number;
  readonly isSubtask: boolean;
}

/** To a node. `term` is that of the leader who asks. */
export type NodeAsk =
  | { readonly ask: 'survey' }
  | { readonly ask: 'describe'; readonly name: string }
  | {
      readonly ask: 'check';
      readonly name: string;
      readonly args: Packed;
      readonly isStrict: boolean;
    }
  | { readonly ask: 'verify'; readonly of: TaskIdentity }
  | { readonly ask: 'open'; readonly of: OpenRequest }
  | {
      readonly ask: 'perform';
      readonly task: number;
      readonly step: Step;
      /** Null: the latest, whichever that is. */
      readonly attempt: number | null;
    }
  | { readonly ask: 'abort'; readonly task: number }
  | { readonly ask: 'kill'; readonly task: number; readonly reason: string }
  | { readonly ask: 'close'; readonly task: number }
  /** Nobody will ask how it ended. */
  | { readonly ask: 'forget'; readonly task: number };

export type NodeAnswer =
  | { readonly value: unknown }
  | { readonly error: CrossingError }
  /** A later leader has asked before. */
  | { readonly isOver: true };

export interface SubmissionMessage {
  readonly name: string;
  /** Arguments and environment. */
  readonly given: Packed;
  readonly user: string | null;
  readonly owner: string | null;
  readonly api_key: string | null;
  readonly session: number | null;
  readonly idempotency: {
    readonly key: string;
    readonly digest: string;
    readonly shown: string;
    readonly isFresh?: true;
  };
  readonly submittedAt: string;
}

/** A change of what the plugins of a node have registered. */
export type ResourceChange =
  | {
      readonly change: 'register';
      readonly name: string;
      readonly owner: string;
      readonly scope?: ResourceScope;
      readonly placement: ResourcePlacement;
    }
  | { readonly change: 'update'; readonly name: string; readonly placement: ResourcePlacement }
  | { readonly change: 'rename'; readonly name: string; readonly to: string }
  | { readonly change: 'remove'; readonly name: string }
  | { readonly change: 'release' | 'reload' | 'reloaded'; readonly owner: string };

/** What a running task asks for. */
export type ContextMethod =
  'abortSubtask' | 'joinSubtask' | 'output' | 'report' | 'startSubtask' | 'verifySubtask' | 'warn';

/** To the leader, whichever node that is. */
export type LeaderAsk =
  | { readonly ask: 'submit' | 'plan'; readonly submission: SubmissionMessage }
  | { readonly ask: 'wait' | 'abort'; readonly id: number }
  | {
      readonly ask: 'context';
      readonly task: number;
      readonly method: ContextMethod;
      readonly args: Packed;
      /** Of this call among those of the run, which may be made again for want of an answer. */
      readonly call: string;
    }
  | { readonly ask: 'resource'; readonly of: ResourceChange };

export type LeaderAnswer =
  | { readonly leads: true; readonly value: unknown }
  | { readonly leads: true; readonly error: CrossingError }
  /** It does not lead, or not yet. */
  | { readonly leads: false };
