import { onRightsChanged } from '../../auth/index.js';
import { coded } from '../../common/index.js';
import { type Filter, queryArray, type QueryParams } from '../../common/query/index.js';
import type { Sender } from '../../sdk/index.js';
import type { Explanation, ResourceRow, TaskRow } from '../../wire/index.js';
import type { TaskStore } from '../store/task-store.js';
import { assertAskable } from '../row/hidden-fields.js';
import type { StoredTask } from '../row/task-row.js';
import { hasEnded } from '../row/task-state.js';
import { filterFor, shownRow, type TaskView, viewOf } from '../row/task-visibility.js';
import type { WaitReason } from '../scheduler/index.js';
import type { ActiveTask } from './active-task.js';
import type { TaskSeat } from '../task-seat.js';

/** Why a task has not begun: a lock, or what comes before and after the locks. */
export type Hindrance =
  | WaitReason
  /** Its verify has not ended. */
  | { readonly relation: 'verifying' }
  /** An earlier task still verifies, and keeps its place for a second. */
  | { readonly relation: 'order'; readonly task: number }
  /** The task in the way is not shown to who asks. */
  | Pick<Extract<WaitReason, { relation: 'held' | 'precedes' }>, 'relation' | 'claim'>
  | { readonly relation: 'order' }
  /** It has its locks; every executor is busy, or none can be started for that reason. */
  | { readonly relation: 'executor'; readonly reason?: string };

/** What each client reads of tasks: what it may see of what is on disk, and how far a running one is. */
export class TaskReader {
  constructor(
    private readonly tasks: TaskSeat,
    private readonly taskStore: TaskStore,
  ) {}

  /** @throws (rejects with) RpcException ENOENT, also for a task that the sender is not shown */
  async status(id: number, sender: Sender): Promise<TaskRow> {
    const { row, view } = await this.#find(id, sender);
    return this.#shown(row, view);
  }

  /**
   * The row once the task has ended.
   *
   * @throws (rejects with) RpcException ENOENT as for status; EACCES when the sender may not see it
   *   any more; the signal's reason when it fires first
   */
  async wait(id: number, sender: Sender, signal: AbortSignal): Promise<TaskRow> {
    const { row: subject } = await this.#find(id, sender);
    const rights = new AbortController();
    const unwatch = onRightsChanged(sender, () => {
      if (viewOf(sender, subject) === null) rights.abort(coded('INSUFFICIENT_PRIVILEGES'));
    });
    try {
      const row = await this.tasks.wait(id, AbortSignal.any([signal, rights.signal]));
      const view = viewOf(sender, row);
      if (view === null) throw coded('INSUFFICIENT_PRIVILEGES');
      return this.#shown(row, view);
    } finally {
      unwatch();
    }
  }

  /**
   * The query contract over all tasks that the sender is shown.
   *
   * @throws (rejects with) RpcException EINVAL for a filter or an order by what is not shown
   */
  async query(
    filter: Filter | undefined,
    params: QueryParams | null | undefined,
    sender: Sender,
  ): Promise<unknown> {
    assertAskable(filter ?? null, params, sender);
    const within: Filter = [...(filter ?? []), ...(filterFor(sender) ?? [])];
    const { select, exclude, single, count, ...page } = params ?? {};
    if (count === true) return this.taskStore.query(within, params);
    const limit = single === true ? { limit: 1 } : {};
    const rows = (await this.taskStore.query(within, { ...page, ...limit })) as StoredTask[];
    const shown = rows.flatMap((row) => {
      const view = viewOf(sender, row);
      return view === null ? [] : [this.#shown(row, view)];
    });
    return queryArray(shown, null, {
      ...(select !== undefined && { select }),
      ...(exclude !== undefined && { exclude }),
      ...(single !== undefined && { single }),
    });
  }

  /** @throws (rejects with) RpcException ENOENT, as for status */
  async explain(id: number, sender: Sender): Promise<Explanation> {
    const { row } = await this.#find(id, sender);
    const task = this.tasks.live.get(id);
    const { name, state } = row;
    const waits = task === undefined || hasEnded(state) ? [] : this.#hindrances(task);
    const shown = waits.map((reason) => this.#withoutOthers(reason, sender));
    return { id, name, state, waits: shown, stages: stagesOf(row) };
  }

  /** Everything that can be locked; of the tasks that have and want it those that are shown. */
  listResources(sender: Sender): ResourceRow[] {
    const all = this.tasks.scheduler.listResources();
    return all.map(({ holders, waiters, ...resource }) => ({
      ...resource,
      holders: holders.filter(({ task }) => this.showsLive(task, sender)),
      waiters: waiters.filter((task) => this.showsLive(task, sender)),
    }));
  }

  /** Whether the sender is shown a task that has not ended. */
  showsLive(id: number, sender: Sender): boolean {
    const task = this.tasks.live.get(id);
    return task !== undefined && viewOf(sender, task.row) !== null;
  }

  /** That a stranger's task is in the way is said, but not which, nor what it claims. */
  #withoutOthers(reason: Hindrance, sender: Sender): Hindrance {
    if (!('task' in reason) || this.showsLive(reason.task, sender)) return reason;
    return 'claim' in reason
      ? { relation: reason.relation, claim: reason.claim }
      : { relation: reason.relation };
  }

  #hindrances(task: ActiveTask): Hindrance[] {
    switch (task.stage.at) {
      case 'recovered':
      case 'verifying':
        return [{ relation: 'verifying' }];
      case 'queued': {
        const first = this.tasks.admittedBehind(task);
        return first === null ? [] : [{ relation: 'order', task: first }];
      }
      case 'waiting':
        return this.tasks.scheduler.explain(task.id);
      case 'opening': {
        const reason = this.tasks.executorObstacle(task);
        return [{ relation: 'executor', ...(reason !== null && { reason }) }];
      }
      default:
        return [];
    }
  }

  /** What changes too often to be stored each time. */
  #present(id: number): Partial<TaskRow> {
    const task = this.tasks.live.get(id);
    if (task === undefined) return {};
    const { run } = task;
    return {
      ...(run !== null && run.meter !== null && { progress: run.meter.last }),
      output: run?.output.text ?? null,
    };
  }

  #shown(row: StoredTask, view: TaskView): TaskRow {
    return { ...shownRow(row, view), ...this.#present(row.id) };
  }

  async #find(id: number, sender: Sender): Promise<Found> {
    const row = this.tasks.live.get(id)?.stored ?? (await this.taskStore.get(id));
    const view = row === null ? null : viewOf(sender, row);
    if (row === null || view === null) throw coded('TASK_NOT_FOUND');
    return { row, view };
  }
}

interface Found {
  readonly row: StoredTask;
  readonly view: TaskView;
}

function stagesOf(row: TaskRow): Explanation['stages'] {
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
