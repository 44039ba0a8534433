import { h } from './builder/index.js';
import { TASK_STATES } from './constants.js';
import type { ServerEventTypes } from './server-events.js';

const id = h.integer();
const name = h.string({ description: 'Name of the task class' });
const state = h.enumOf(TASK_STATES);
const parent = h.nullable(h.integer({ description: 'The task that this one is a part of' }));
const user = h.nullable(String);

/** What the task engine publishes, as discovery shows it. */
export const TASK_EVENT_TYPES = {
  'task.created': {
    description: 'A task was submitted; its row is on disk',
    schema: h.object({ id, name, state, parent, user }),
  },
  'task.updated': {
    description: 'A task went into another state, which is on disk',
    schema: h.object({
      id,
      name,
      state,
      parent,
      user,
      error: h.nullable(h.object({ code: h.integer(), message: h.string() })),
    }),
  },
  'task.progress': {
    description: 'How far a running task is; at most ten a second for each task',
    schema: h.object({
      id,
      name,
      state,
      percentage: h.nullable(h.number({ minimum: 0, maximum: 100 })),
      message: h.nullable(String),
      extra: h.any(),
      abortable: h.boolean(),
    }),
  },
  'task.changed': {
    description: 'Rows of task.query were made or changed',
    schema: h.object({ operation: h.enumOf(['create', 'update']), ids: h.array(h.integer()) }),
  },
  'task.store_failed': {
    description: 'Tasks cannot be stored: none is accepted until they can',
    schema: h.object({ code: h.integer(), message: h.string() }),
  },
  'task.store_recovered': {
    description: 'Tasks are stored and accepted again',
    schema: h.object({}),
  },
} satisfies ServerEventTypes;
