import type { Type } from '@nestjs/common';
import { coded, newCause } from '../common/index.js';
import {
  type Claims,
  type ProgressReport,
  type SubtaskRequest,
  Task,
  type TaskContext,
  type TaskWarning,
} from '../sdk/index.js';
import type { TaskBench } from './task-bench.js';
import type { RunFailure } from '../tasks/index.js';
import type { SubtaskRecord, TaskReport } from './task-report.js';
import type { SubtaskAnswer } from './task-run-options.js';

interface Child {
  readonly request: SubtaskRequest;
  readonly outcome: Promise<unknown>;
  /** Of a class that is run in earnest. */
  readonly run: SubtaskRun | null;
}

/** A subtask that runs in earnest, as its parent sees it. */
interface SubtaskRun {
  readonly report: Promise<TaskReport>;
  readonly accepted: Promise<void>;
  abort(): boolean;
  failure(error: RunFailure): Error;
}

/** One task on the bench. */
export interface BenchTask {
  readonly type: Type<Task>;
  readonly args: readonly unknown[];
  readonly id?: number;
  readonly parent?: BenchContext | null;
  readonly request?: SubtaskRequest | null;
}

/** How a task's subtasks are run and asked what they claim. */
export interface SubtaskRunner {
  start(bench: TaskBench, task: BenchTask): SubtaskRun;
  claims(bench: TaskBench, task: BenchTask): Promise<Claims>;
}

interface Surroundings {
  readonly subtasks: SubtaskRunner;
  readonly signal: AbortSignal;
  readonly bench: TaskBench;
  readonly parent: BenchContext | null;
  /** What the parent asked for. */
  readonly request: SubtaskRequest | null;
  readonly abort: () => boolean;
}

/** What stands behind a task on the bench: keeps what it reports and answers for its subtasks. */
export class BenchContext implements TaskContext {
  readonly progress: ProgressReport[] = [];
  readonly warnings: TaskWarning[] = [];
  readonly cause = newCause();
  readonly environment: Readonly<Record<string, unknown>>;
  readonly user: string | null;
  /** In the order in which they were asked for. */
  readonly #requests: { readonly id: number; readonly request: SubtaskRequest }[] = [];
  readonly #children = new Map<number, Child>();

  constructor(
    readonly id: number,
    private readonly around: Surroundings,
  ) {
    const { bench, parent } = around;
    const { user, environment } = bench.options;
    this.user = user === undefined ? 'root' : user;
    const inherited = { SENDER_ADDRESS: 'test', SENDER_ROLES: ['admin'], ...environment };
    this.environment = { ...inherited, ID: id, ...(parent !== null && { parent: parent.id }) };
  }

  get signal(): AbortSignal {
    return this.around.signal;
  }

  report(progress: ProgressReport): void {
    this.progress.push(progress);
    this.around.bench.options.onProgress?.(progress, this.around.abort);
    if (this.around.request !== null) this.around.parent?.reportOf(this.around.request, progress);
  }

  /** A subtask's progress, in the part of this task's that is its own. */
  reportOf({ slice }: SubtaskRequest, { percentage, ...rest }: ProgressReport): void {
    if (slice === undefined || percentage === null) return;
    this.report({ ...rest, percentage: slice.from + ((slice.to - slice.from) * percentage) / 100 });
  }

  warn(warning: TaskWarning): void {
    this.warnings.push(warning);
  }

  async startSubtask(request: SubtaskRequest): Promise<number> {
    const { name, args } = request;
    const answer = this.#answerOf(name);
    const id = this.around.bench.nextId();
    this.#requests.push({ id, request });
    if (!isTaskClass(answer)) {
      const outcome = Promise.resolve().then(() => answer(...(args as never[])));
      outcome.catch(() => undefined); // told by join, to whoever asks
      this.#children.set(id, { request, outcome, run: null });
      return id;
    }
    const { bench, subtasks } = this.around;
    const run = subtasks.start(bench, { type: answer, args, id, parent: this, request });
    await run.accepted;
    const outcome = run.report.then(({ state, result, error }) => {
      if (state === 'FINISHED') return result;
      throw error === null ? coded('TASK_ABORTED', { id, task: name }) : run.failure(error);
    });
    outcome.catch(() => undefined);
    this.#children.set(id, { request, outcome, run });
    return id;
  }

  async joinSubtask(id: number): Promise<unknown> {
    const child = this.#children.get(id);
    if (child === undefined) throw coded('TASK_NOT_FOUND');
    const result = await child.outcome;
    this.reportOf(child.request, { percentage: 100, message: null, extra: null });
    return result;
  }

  abortSubtask(id: number): Promise<boolean> {
    return Promise.resolve(this.#children.get(id)?.run?.abort() ?? false);
  }

  async verifySubtask(name: string, args: readonly unknown[]): Promise<Claims> {
    const answer = this.#answerOf(name);
    const { bench, subtasks } = this.around;
    if (isTaskClass(answer)) return subtasks.claims(bench, { type: answer, args, parent: this });
    return bench.options.subtaskClaims?.[name] ?? [];
  }

  /** Aborts what is left of the subtasks and waits for its end. */
  async endSubtasks(): Promise<void> {
    this.abortSubtasks();
    const reports = [...this.#children.values()].flatMap(({ run }) => run?.report ?? []);
    await Promise.allSettled(reports);
  }

  abortSubtasks(): void {
    for (const { run } of this.#children.values()) run?.abort();
  }

  async subtasks(): Promise<SubtaskRecord[]> {
    return Promise.all(
      this.#requests.map(async ({ id, request: { name, args, slice } }) => ({
        name,
        args,
        slice: slice ?? null,
        report: (await this.#children.get(id)?.run?.report) ?? null,
      })),
    );
  }

  #answerOf(name: string): SubtaskAnswer {
    const answer = this.around.bench.answerOf(name);
    if (answer === undefined) throw coded('TASK_UNKNOWN', { task: name });
    return answer;
  }
}

function isTaskClass(answer: SubtaskAnswer): answer is Type<Task> {
  return answer.prototype instanceof Task;
}
