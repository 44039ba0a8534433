import { h } from '../sdk/index.js';
import { TASK_STATES } from '../tasks/index.js';

const time = h.nullable(h.datetime());
const claim = h.anyOf(
  h.string(),
  h.object({ resource: h.string(), mode: h.enumOf(['shared', 'exclusive']) }),
);
const claims = h.array(claim);
const description = h.nullable(
  h.object({
    message: h.string({ description: 'English' }),
    name: h.optional(String),
    format: h.optional(h.object({ string: h.string(), args: Object })),
  }),
);
const state = h.enumOf([...TASK_STATES]);

/** A row of `task.query`. */
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
      code: h.integer(),
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

export const PLAN = h.object({ resources: claims, description });

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

export const RESOURCE_ROW = h.object({
  name: h.string(),
  parents: h.array(String),
  holders: h.array(h.object({ task: h.integer(), mode: h.enumOf(['shared', 'exclusive']) })),
  waiters: h.array(h.integer()),
});

export const EXECUTOR_ROW = h.object({
  index: h.integer(),
  state: h.enumOf(['starting', 'idle', 'executing', 'ending']),
  pid: h.nullable(h.integer()),
  task: h.nullable(h.integer()),
});
