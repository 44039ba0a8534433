import { h } from './builder/index.js';
import type { Data } from './data.js';

export const CURSOR = h.string({ description: 'As it came beside an event or from event.cursor' });

/** What `event.replay` answers: with a gap nobody can tell what happened, and `events` is empty. */
export const REPLAY = h.object({
  events: h.array(
    h.object({
      name: h.string(),
      args: Object,
      cursor: CURSOR,
      cause: h.optional(h.string({ description: 'Id of what it was published because of' })),
    }),
  ),
  cursor: CURSOR,
  gap: h.boolean({ description: 'Events may be missing: read the state again' }),
});
export type Replay = Data<typeof REPLAY>;
