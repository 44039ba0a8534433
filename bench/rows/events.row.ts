import { EventLoad, type EventShape } from '../load/event-load.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import { nestEventServer, wsEvents } from '../subjects/reference.subjects.js';
import type { EventSubject } from '../subjects/subject.js';
import { compare } from './comparison.js';
import type { Row, RowContext, RowResult } from './row.js';

interface Work extends EventShape {
  readonly target: number;
  readonly references: readonly [EventSubject, ...EventSubject[]];
}

/**
 * How much a server can save depends on how many events leave together. Four is a modest burst (a task that
 * starts is several events); one at a time is the floor, where every delivery is a system call of its own.
 */
const WORKS: readonly Work[] = [
  { subscribers: 200, inFlight: 4, target: 3, references: [wsEvents, nestEventServer] },
  { subscribers: 1_000, inFlight: 4, target: 4, references: [wsEvents] },
  { subscribers: 200, inFlight: 1, target: 1, references: [wsEvents] },
  { subscribers: 1_000, inFlight: 1, target: 1, references: [wsEvents] },
];

/** Events of one publisher: the CPU the server spends on a delivery, against raw `ws` and a stock Nest gateway. */
export const eventsRow: Row = {
  name: 'events',
  async run(context) {
    const results: RowResult[] = [];
    for (const work of WORKS) results.push(await measureWork(work, context));
    return results;
  },
};

function measureWork(work: Work, context: RowContext): Promise<RowResult> {
  const { subscribers, inFlight, target, references } = work;
  return compare(
    {
      row: 'events',
      title: `events to ${subscribers.toLocaleString('en')} subscribers, ${inFlight} under way`,
      operation: 'delivery',
      build: (entry) => dispatcher({ entry }),
      references,
      target,
      open: (started) => EventLoad.open(started, work),
    },
    context,
  );
}
