import type { Errno } from '../common/portable.js';
import { h, type JsonSchema, type Schema } from './builder/index.js';
import { TASK_STATES } from './constants.js';
import type { Data } from './data.js';

const time = h.nullable(h.datetime());
const claim = h.anyOf(
  h.string(),
  h.object({ resource: h.string(), mode: h.enumOf(['shared', 'exclusive']) }),
);
const claims = h.array(claim);
// a number as any other on the wire, but code compares it with the table
const errno = h.integer() as JsonSchema as Schema<Errno>;
const description = h.nullable(
  h.object({
    message: h.string({ description: 'English' }),
    name: h.optional(String),
    format: h.optional(h.object({ string: h.string(), args: Object })),
  }),
);
const state = h.enumOf(TASK_STATES);

/** A row of `task.query`. What of it only some are shown is the business of `tasks/row`. */
export const TASK_ROW = h.object({
  id: h.integer(),
  name: h.string({ description: 'Name of the task class' }),
  args: h.array(h.any()),
  user: h.nullable(String),
  session: h.nullable(h.integer()),
  parent: h.nullable(h.integer({ description: 'The task that it is a part of' })),
  environment: Object,
  resources: claims,
  description,
  state,
  progress: h.object({
    percentage: h.nullable(Number),
    message: h.nullable(String),
    extra: h.any(),
  }),
  result: h.any(),
  output: h.nullable(h.string({ description: 'The end of what its run printed' })),
  error: h.nullable(
    h.object({
      type: h.string(),
      code: errno,
      message: h.string(),
      extra: h.any(),
      stacktrace: h.nullable(h.string({ description: 'For administrators only' })),
    }),
  ),
  warnings: h.array(
    h.object({ code: h.integer(), message: h.string(), extra: h.any(), at: h.datetime() }),
  ),
  created_at: h.datetime(),
  verified_at: time,
  started_at: time,
  rollback_at: time,
  finished_at: time,
  abortable: h.boolean(),
  abort_requested: h.boolean(),
  cause: h.nullable(
    h.string({ description: 'What it was submitted because of; its log lines have it too' }),
  ),
});

export type TaskRow = Data<typeof TASK_ROW>;

/** What `task.plan` says a task would lock and do. */
export const PLAN = h.object({ resources: claims, description });
export type TaskPlan = Data<typeof PLAN>;

const reason = h.object(
  {
    relation: h.enumOf(['held', 'precedes', 'missing', 'verifying', 'order', 'executor']),
    claim: h.optional(h.object({ resource: h.string(), mode: h.string() })),
    resource: h.optional(h.string({ description: 'What the other task claims' })),
    reason: h.optional(
      h.string({ description: 'Why no executor can be started; it is tried again and again' }),
    ),
    task: h.optional(h.integer({ description: 'The task that is in the way' })),
    path: h.optional(
      h.array(String, { description: 'From the claimed resource to the other, in the graph' }),
    ),
  },
  { description: 'One thing that the task waits for' },
);
const span = h.nullable(Number);

/** Why a task waits, and how long it was where; null for what it has not come to. */
export const EXPLANATION = h.object({
  id: h.integer(),
  name: h.string(),
  state,
  waits: h.array(reason),
  stages: h.object({
    verify_ms: span,
    wait_ms: span,
    run_ms: span,
    rollback_ms: span,
    total_ms: span,
  }),
});
export type Explanation = Data<typeof EXPLANATION>;

/**
 * What tasks can lock: running tasks that have it, be it through a claim on something above, and waiting
 * ones that claim it by name, in order.
 */
export const RESOURCE_ROW = h.object({
  name: h.string(),
  parents: h.array(String),
  holders: h.array(h.object({ task: h.integer(), mode: h.enumOf(['shared', 'exclusive']) })),
  waiters: h.array(h.integer()),
});
export type ResourceRow = Data<typeof RESOURCE_ROW>;

/** A process that runs tasks, with the task that it runs. */
export const EXECUTOR_ROW = h.object({
  index: h.integer(),
  state: h.enumOf(['starting', 'idle', 'executing', 'ending']),
  pid: h.nullable(h.integer()),
  task: h.nullable(h.integer()),
});
export type ExecutorRow = Data<typeof EXECUTOR_ROW>;
