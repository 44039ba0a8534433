import { coded } from '../../common/index.js';
import {
  type Condition,
  type FieldPath,
  type Filter,
  parseFilter,
  parseParams,
  queryArray,
  type QueryParams,
} from '../../common/query/index.js';
import type { TaskLedger } from '../ledger/task-ledger.js';
import { isSecret, publicRow, type StoredTask, type TaskRow } from '../row/task-row.js';
import { hasEnded, type TaskState } from '../row/task-state.js';
import type { WaitReason } from '../scheduler/index.js';
import type { LiveTask } from './live-task.js';
import type { TaskEngine } from './task-engine.js';

/** Why a task has not begun: a lock, or what comes before and after the locks. */
export type Hindrance =
  | WaitReason
  /** Its verify has not ended. */
  | { readonly relation: 'verifying' }
  /** An earlier task still verifies, and keeps its place for a second. */
  | { readonly relation: 'order'; readonly task: number }
  /** It has its locks; every executor is busy. */
  | { readonly relation: 'executor' };

/** How long a task was where, in milliseconds; null for what it has not come to. */
export interface TaskStages {
  readonly verify_ms: number | null;
  readonly wait_ms: number | null;
  readonly run_ms: number | null;
  readonly rollback_ms: number | null;
  readonly total_ms: number | null;
}

export interface Explanation {
  readonly id: number;
  readonly name: string;
  readonly state: TaskState;
  /** Empty for a task that runs or has ended. */
  readonly waits: readonly Hindrance[];
  readonly stages: TaskStages;
}

export interface ReaderOptions {
  /** Stack traces are for administrators. */
  readonly showsStacks: boolean;
}

/** What clients read of tasks: what is on disk, and how far a running one is. */
export class TaskReader {
  constructor(
    private readonly engine: TaskEngine,
    private readonly ledger: TaskLedger,
  ) {}

  /** @throws (rejects with) RpcException ENOENT */
  async status(id: number, options: ReaderOptions): Promise<TaskRow> {
    return this.present(await this.#row(id), options);
  }

  /** The row as it may be shown. */
  present(row: StoredTask, { showsStacks }: ReaderOptions): TaskRow {
    const shown = { ...publicRow(row), ...this.#present(row.id) };
    if (showsStacks || shown.error === null) return shown;
    return { ...shown, error: { ...shown.error, stacktrace: null } };
  }

  /**
   * The query contract over all tasks.
   *
   * @throws (rejects with) RpcException EINVAL for a filter or an order by what is not shown: whoever
   *   could ask by it could guess it
   */
  async query(
    filter: Filter | undefined,
    params: QueryParams | null | undefined,
    options: ReaderOptions,
  ): Promise<unknown> {
    assertShown([...pathsOf(parseFilter(filter ?? null)), ...sortPathsOf(params)], options);
    const { select, exclude, single, count, ...page } = params ?? {};
    if (count === true) return this.ledger.query(filter ?? null, params);
    const limit = single === true ? { limit: 1 } : {};
    const rows = (await this.ledger.query(filter ?? null, { ...page, ...limit })) as StoredTask[];
    const shown = rows.map((row) => this.present(row, options));
    return queryArray(shown, null, {
      ...(select !== undefined && { select }),
      ...(exclude !== undefined && { exclude }),
      ...(single !== undefined && { single }),
    });
  }

  /** @throws (rejects with) RpcException ENOENT */
  async explain(id: number): Promise<Explanation> {
    const task = this.engine.live(id);
    const row = task?.stored ?? (await this.#row(id));
    const { name, state } = row;
    const waits = task === undefined || hasEnded(state) ? [] : this.#hindrances(task);
    return { id, name, state, waits, stages: stagesOf(row) };
  }

  #hindrances(task: LiveTask): Hindrance[] {
    switch (task.stage) {
      case 'verifying':
        return [{ relation: 'verifying' }];
      case 'waiting': {
        const first = this.engine.admittedBehind(task);
        return first === null
          ? this.engine.scheduler.explain(task.id)
          : [{ relation: 'order', task: first }];
      }
      case 'opening':
        return [{ relation: 'executor' }];
      case 'running':
      case 'undoing':
      case 'ended':
        return [];
    }
  }

  /** What changes too often to be stored each time. */
  #present(id: number): Partial<TaskRow> {
    const task = this.engine.live(id);
    if (task === undefined) return {};
    return {
      ...(task.meter !== null && { progress: task.meter.last }),
      output: task.output.text,
    };
  }

  async #row(id: number): Promise<StoredTask> {
    const row = this.engine.live(id)?.stored ?? (await this.ledger.get(id));
    if (row === null) throw coded('TASK_NOT_FOUND');
    return row;
  }
}

function stagesOf(row: TaskRow): TaskStages {
  const { created_at, verified_at, started_at, rollback_at, finished_at } = row;
  return {
    verify_ms: between(created_at, verified_at),
    wait_ms: between(verified_at, started_at),
    run_ms: between(started_at, rollback_at ?? finished_at),
    rollback_ms: between(rollback_at, finished_at),
    total_ms: between(created_at, finished_at),
  };
}

function between(from: Date | null, to: Date | null): number | null {
  return from === null || to === null ? null : to.getTime() - from.getTime();
}

function pathsOf(condition: Condition): FieldPath[] {
  return condition.kind === 'group' ? condition.conditions.flatMap(pathsOf) : [condition.path];
}

function sortPathsOf(params: QueryParams | null | undefined): FieldPath[] {
  return parseParams(params).sort.map(({ path }) => path);
}

/** @throws RpcException EINVAL naming the first field that the reader is not shown */
function assertShown(paths: readonly FieldPath[], { showsStacks }: ReaderOptions): void {
  for (const path of paths) {
    const field = path.join('.');
    const isStack = path[0] === 'error' && path[1] === 'stacktrace';
    if (isSecret(path[0] ?? '') || (isStack && !showsStacks)) {
      throw coded('TASK_FIELD_HIDDEN', { field });
    }
  }
}
