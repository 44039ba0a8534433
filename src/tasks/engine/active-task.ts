import type { Context } from '@opentelemetry/api';
import type { Cause } from '../../common/index.js';
import type {
  Claims,
  ProgressReport,
  ProgressSlice,
  SubtaskRequest,
  TaskContext,
  TaskWarning,
} from '../../sdk/index.js';
import type { SiteSession } from '../site/executor-site.js';
import type { StoredTask } from '../row/task-row.js';
import type { EndState } from '../row/task-state.js';
import type { TaskHandler } from '../task-handler.js';
import type { AdmissionQueue } from './admission-queue.js';
import { OutputTail } from './output-tail.js';
import type { ProgressMeter } from './progress-meter.js';
import type { TaskSpan } from './task-span.js';
import { STAGES, TaskStateMachine, type TransitionGuard } from './task-state-machine.js';

/** Where a task is, with what it has there and nowhere else. */
export type Stage =
  | {
      readonly at: 'recovered';
      /** Its passwords were sealed with a key that is gone. */
      readonly hasLostSecrets: boolean;
    }
  | { readonly at: 'verifying' | 'queued' | 'waiting' }
  | { readonly at: 'opening' | 'settling' | 'rollingBack'; readonly run: ActiveRun }
  | { readonly at: 'running'; readonly run: ActiveRun; readonly session: SiteSession }
  | { readonly at: EndStage; readonly run: ActiveRun | null };

export type EndStage = 'finished' | 'failed' | 'aborted' | 'disowned';

/** The stage of a task that ended so. */
export const END_STAGES: Readonly<Record<EndState, EndStage>> = {
  FINISHED: 'finished',
  FAILED: 'failed',
  ABORTED: 'aborted',
};

/** What a task has from the grant of its locks on: tens of thousands may wait, and have none of it. */
export class ActiveRun {
  readonly output = new OutputTail();
  readonly children = new Set<ActiveTask>();
  /** Made for its first report. */
  meter: ProgressMeter | null = null;
  /** Where its subtasks keep their order until they are admitted; made for the first one. */
  childQueue: AdmissionQueue | null = null;

  /** As of the present generation of its plugin; null while that is being reloaded. */
  handler: TaskHandler | null = null;

  /** @param span - null where tasks are not traced */
  constructor(readonly span: TaskSpan | null) {}
}

/** What a task asks of the engine, and what is asked for it while it runs. */
export interface TaskServices {
  report(task: ActiveTask, progress: ProgressReport): void;
  warn(task: ActiveTask, warning: TaskWarning): void;
  /** @param call - of who may ask again for want of an answer: the same one gives the same subtask */
  startSubtask(task: ActiveTask, request: SubtaskRequest, call?: string): Promise<number>;
  joinSubtask(task: ActiveTask, id: number): Promise<unknown>;
  abortSubtask(task: ActiveTask, id: number): boolean;
  verifySubtask(context: TaskContext, name: string, args: readonly unknown[]): Promise<Claims>;
  /** Starts a subtask and joins it. @throws (rejects with) what it failed with */
  runSubtask(task: ActiveTask, name: string, args: readonly unknown[]): Promise<unknown>;
  /** Aborts what is left of them and waits for its end: a subtask never outlives its parent's run. */
  endSubtasks(task: ActiveTask): Promise<void>;
}

/** What of a row may be changed; its state follows from the stage. */
export type TaskRowChange = Partial<Omit<StoredTask, 'id' | 'state'>>;

/** Why a running task was told to stop. */
export type StopReason = 'abort' | 'timeout';

export interface ActiveTaskParts {
  readonly row: StoredTask;
  readonly stage: Stage;
  /** Passwords readable. */
  readonly args: readonly unknown[];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly parent: ActiveTask | null;
  /** The part of its parent's progress that its own fills. */
  readonly slice: ProgressSlice | null;
  /** Where its span will lie; null where nothing is traced, and after a restart. */
  readonly origin: Context | null;
  readonly services: TaskServices;
  readonly guard: TransitionGuard;
}

/** A task that has not ended, as the engine has it in memory. */
export class ActiveTask implements Cause {
  readonly id: number;
  readonly args: readonly unknown[];
  readonly environment: Readonly<Record<string, unknown>>;
  readonly parent: ActiveTask | null;
  readonly slice: ProgressSlice | null;
  readonly origin: Context | null;
  readonly services: TaskServices;
  /** The newest state that is on disk, which is what clients are shown. */
  stored: StoredTask | null = null;
  readonly #machine: TaskStateMachine<Stage>;
  #row: StoredTask;
  #stopReason: StopReason | null = null;
  #stopError: Error | null = null;
  // made when somebody listens or waits: most tasks are over before anybody would
  #controller: AbortController | null = null;
  #end: Promise<StoredTask> | null = null;
  #resolveEnd: ((row: StoredTask) => void) | null = null;
  #lastRow: StoredTask | null = null;

  constructor(parts: ActiveTaskParts) {
    const { row, stage: first, guard } = parts;
    this.id = row.id;
    this.args = parts.args;
    this.environment = parts.environment;
    this.parent = parts.parent;
    this.slice = parts.slice;
    this.origin = parts.origin;
    this.services = parts.services;
    this.#machine = new TaskStateMachine<Stage>({ id: row.id, first, guard });
    this.#row = row;
  }

  get stage(): Stage {
    return this.#machine.stage;
  }

  /** The newest state; what is on disk may be a flush behind. */
  get row(): StoredTask {
    return this.#row;
  }

  /** Takes the task into another stage; false when it may not go there, and then nothing has changed. */
  enter(stage: Stage, change?: TaskRowChange): boolean {
    if (!this.#machine.enter(stage)) return false;
    const state = STAGES[stage.at].row ?? this.#row.state;
    if (change === undefined && state === this.#row.state) return true; // rows are long, and many wait
    this.#row = { ...this.#row, ...change, state };
    return true;
  }

  /** Changes what its row says of it, where it is. */
  note(change: TaskRowChange): void {
    this.#row = { ...this.#row, ...change };
  }

  /** What it has since it has its locks; null before. */
  get run(): ActiveRun | null {
    const { stage } = this;
    return 'run' in stage ? stage.run : null;
  }

  get hasEnded(): boolean {
    return STAGES[this.stage.at].schedule === 'ended';
  }

  /** It runs, or did and is brought to its end: it may have subtasks. */
  get isAtWork(): boolean {
    const { at } = this.stage;
    return at === 'running' || at === 'settling' || at === 'rollingBack';
  }

  /** Empty for a task of before there were causes. */
  get cause(): string {
    return this.#row.cause ?? '';
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#stopError !== null) this.#controller.abort(this.#stopError);
    }
    return this.#controller.signal;
  }

  get stopReason(): StopReason | null {
    return this.#stopReason;
  }

  /** A method, for it may change while something is awaited. */
  isStopped(): boolean {
    return this.#stopReason !== null;
  }

  /** Fires the signal that the task and whoever waits for it listens to. */
  stop(reason: StopReason, error: Error): void {
    if (this.#stopReason !== null) return;
    this.#stopReason = reason;
    this.#stopError = error;
    this.#controller?.abort(error);
  }

  /** Resolves with the last row, once it is on disk and announced. */
  get end(): Promise<StoredTask> {
    if (this.#lastRow !== null) return Promise.resolve(this.#lastRow);
    this.#end ??= new Promise((resolve) => (this.#resolveEnd = resolve));
    return this.#end;
  }

  announceEnd(last = this.#row): void {
    this.#lastRow = last;
    this.#resolveEnd?.(last);
  }
}
