import { Injectable } from '@nestjs/common';
import { type MetricFamily, type MetricsSource, type Sample, samplesBy } from '../metrics/index.js';
import type { ActiveTask } from './engine/active-task.js';
import type { ExecutorRow } from '../wire/index.js';
import { ExecutorPool } from './executors/isolated/executor-pool.js';
import { TaskSeat } from './task-seat.js';

const EXECUTOR_STATES: readonly ExecutorRow['state'][] = [
  'starting',
  'idle',
  'executing',
  'ending',
];

interface Census {
  readonly byStateAndName: Map<string, { readonly task: ActiveTask; count: number }>;
  held: number;
  waiting: number;
}

/** Tasks by state and name, what they lock, who runs them. */
@Injectable()
export class TaskMetrics implements MetricsSource {
  constructor(
    private readonly tasks: TaskSeat,
    private readonly executors: ExecutorPool,
  ) {}

  collect(): MetricFamily[] {
    const { byStateAndName, held, waiting } = this.#census();
    return [
      {
        name: 'dispatcher_tasks',
        help: 'Tasks that have not ended',
        type: 'gauge',
        samples: Array.from(byStateAndName.values(), ({ task: { row }, count }) => ({
          labels: { task: row.name, state: row.state },
          value: count,
        })),
      },
      {
        name: 'dispatcher_tasks_ended_total',
        help: 'Tasks that ended since the start, by how',
        type: 'counter',
        samples: this.#ended(),
      },
      {
        name: 'dispatcher_task_run_seconds_total',
        help: 'Time that tasks ran, added up',
        type: 'counter',
        samples: Array.from(this.tasks.ended.byName, ([task, { runMs }]) => ({
          labels: { task },
          value: runMs / 1_000,
        })),
      },
      {
        name: 'dispatcher_task_claims',
        help: 'Claims of tasks on resources',
        type: 'gauge',
        samples: samplesBy('state', [
          ['held', held],
          ['waiting', waiting],
        ]),
      },
      {
        name: 'dispatcher_executors',
        help: 'Processes that run tasks',
        type: 'gauge',
        samples: samplesBy('state', this.#executors()),
      },
    ];
  }

  #census(): Census {
    const census: Census = { byStateAndName: new Map(), held: 0, waiting: 0 };
    for (const task of this.tasks.live.all()) {
      const { name, state, resources } = task.row;
      const key = `${state} ${name}`;
      const entry = census.byStateAndName.get(key) ?? { task, count: 0 };
      entry.count += 1;
      census.byStateAndName.set(key, entry);
      if (state === 'WAITING') census.waiting += resources.length;
      else census.held += resources.length;
    }
    return census;
  }

  #ended(): Sample[] {
    return Array.from(this.tasks.ended.byName, ([task, { count }]) =>
      Object.entries(count).map(([state, value]) => ({ labels: { task, state }, value })),
    ).flat();
  }

  #executors(): [string, number][] {
    const rows = this.executors.list();
    return EXECUTOR_STATES.map((state) => [
      state,
      rows.filter((row) => row.state === state).length,
    ]);
  }
}
