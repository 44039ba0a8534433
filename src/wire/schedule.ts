import { h, type Infer } from './builder/index.js';

const NAME = h.string({ minLength: 1, maxLength: 128 });
const CATCH_UP = h.enumOf(['once', 'none'], {
  description: 'What becomes of times that passed while the server did not run',
});
const OVERLAP = h.enumOf(['skip', 'queue'], {
  description: 'What becomes of a time at which the last run still goes on',
});
const JITTER = h.integer({
  minimum: 0,
  maximum: 3_600,
  description: 'Seconds that a run may be late',
});

/** A row of `schedule.query`. Arguments and environment are shown to the owner and to administrators. */
export const SCHEDULE_ROW = h.object({
  id: h.integer(),
  name: h.string(),
  owner: h.string({ description: 'As whom its task is submitted' }),
  enabled: h.boolean(),
  cron: h.string(),
  timezone: h.string(),
  task: h.string(),
  args: h.nullable(h.array(h.any())),
  environment: h.nullable(Object),
  catch_up: CATCH_UP,
  jitter_s: JITTER,
  overlap: OVERLAP,
  last: h.nullable(
    h.object({
      task_id: h.nullable(h.integer()),
      state: h.string(),
      at: h.datetime(),
      error: h.nullable(h.string({ description: 'Why there is no task' })),
    }),
  ),
  next_at: h.nullable(h.datetime()),
});

/** What `schedule.create` takes. */
export const NEW_SCHEDULE = h.object({
  name: NAME,
  enabled: h.optional(Boolean),
  cron: h.string(),
  timezone: h.optional(h.string({ description: 'IANA name; default UTC' })),
  task: h.string({ minLength: 1, maxLength: 256 }),
  args: h.optional(h.array(h.any())),
  environment: h.optional(Object),
  catch_up: h.optional(CATCH_UP),
  jitter_s: h.optional(JITTER),
  overlap: h.optional(OVERLAP),
});
export type NewSchedule = Infer<typeof NEW_SCHEDULE>;

export const SCHEDULE_PATCH = h.object({
  name: h.optional(NAME),
  enabled: h.optional(Boolean),
  cron: h.optional(String),
  timezone: h.optional(String),
  task: h.optional(h.string({ minLength: 1, maxLength: 256 })),
  args: h.optional(h.array(h.any())),
  environment: h.optional(Object),
  catch_up: h.optional(CATCH_UP),
  jitter_s: h.optional(JITTER),
  overlap: h.optional(OVERLAP),
});
export type SchedulePatch = Infer<typeof SCHEDULE_PATCH>;
