import { EVENT_NAME } from '../load/bench-event.js';
import { FanOut } from '../load/fan-out.js';
import { IdleCrowd } from '../load/idle-crowd.js';
import { openLoggedIn } from '../load/logged-in.js';
import type { RawSocket } from '../load/raw-socket.js';
import type { EventSubject } from '../subjects/subject.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import { wsJson } from '../subjects/reference.subjects.js';
import { MEMORY_TARGET } from './memory.row.js';
import type { Line, Row, RowContext, RowResult } from './row.js';
import { startAll, type Started, stopAll } from './started.js';

// as in the row `stalled`
const PADDING = 8_000;
const EVERY_MS = 10;
/** Between two looks at the memory; each lets the server collect its garbage first. */
const LOOK_EVERY_MS = 500;
const TIMEOUT_MS = 60_000;
const STALLED_EVENT = 'server.client_stalled';
const WORK = '10,000 idle, logged-in connections, and one reader that stalls until it is let go of';
const MIB = 2 ** 20;

/** Both burdens at once, with the limits that a server has by itself, against a raw server with the crowd alone. */
export const burdenedRow: Row = {
  name: 'burdened',
  async run(context) {
    const product = dispatcher({ entry: context.options.server });
    const own = await startAll([product], { probe: 'memory' });
    const raw = await startAll([wsJson], { probe: 'memory' });
    const notes = [...own.notes, ...raw.notes];
    try {
      const [server] = own.started;
      const [reference] = raw.started;
      if (server === undefined || reference === undefined)
        return [{ row: 'burdened', work: WORK, lines: [], notes }];
      return [evaluate(await burden(server, context), await crowdOf(reference, context), notes)];
    } finally {
      await stopAll([...own.started, ...raw.started]);
    }
  },
};

/** Bytes. */
interface Burdened {
  readonly idle: number;
  readonly both: number;
  readonly backlog: number;
}

async function crowdOf(started: Started, context: RowContext): Promise<number> {
  const crowd = await IdleCrowd.gather(started, context);
  await crowd.close();
  return crowd.perConnection('resident');
}

async function burden(started: Started<EventSubject>, context: RowContext): Promise<Burdened> {
  const crowd = await IdleCrowd.gather(started, context);
  try {
    const before = await started.server.memory();
    context.progress('memory, one of them has stalled');
    const highest = await whileOneStalls(started);
    return {
      idle: crowd.perConnection('resident'),
      both: crowd.perConnectionAt(highest),
      backlog: highest - before.resident,
    };
  } finally {
    await crowd.close();
  }
}

/** The most that the server held until it let go of a reader that takes nothing. */
async function whileOneStalls(started: Started<EventSubject>): Promise<number> {
  const { server, subject } = started;
  const fanOut = await FanOut.open(started, { subscribers: 1, window: 20_000, padding: PADDING });
  const sockets: RawSocket[] = [];
  const pace = setInterval(() => fanOut.publish(1), EVERY_MS);
  try {
    await openLoggedIn(started, 2, sockets);
    const [reader, witness] = sockets as [RawSocket, RawSocket];
    await subject.events.subscribe(reader, EVENT_NAME);
    await subject.events.subscribe(witness, STALLED_EVENT);
    const outcome = { isKnown: false };
    const onMessage = (): unknown => (outcome.isKnown = true);
    witness.listen({ onMessage, onReadEnd: () => undefined, onFailure: onMessage });
    reader.stall();
    const deadlineMs = performance.now() + TIMEOUT_MS;
    let highest = 0;
    while (!outcome.isKnown) {
      if (performance.now() > deadlineMs) throw new Error('The server never let go of the reader');
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      highest = Math.max(highest, (await server.memory()).resident);
    }
    return highest;
  } finally {
    clearInterval(pace);
    await Promise.all(sockets.map((socket) => socket.close()));
    await fanOut.close();
  }
}

function evaluate(
  { idle, both, backlog }: Burdened,
  raw: number,
  notes: readonly string[],
): RowResult {
  const lineOf = (subject: string, bytes: number): Line => ({
    subject,
    value: bytes / 1024,
    unit: 'KiB/connection',
  });
  return {
    row: 'burdened',
    work: WORK,
    lines: [
      lineOf('dispatcher, both', both),
      lineOf('dispatcher, idle ones only', idle),
      lineOf(wsJson.name, raw),
    ],
    goal: {
      figure: 'resident memory per connection, dispatcher with both / ws-json with idle ones only',
      target: MEMORY_TARGET,
      better: 'lower',
      achieved: both / raw,
    },
    notes: [
      ...notes,
      `the most that was held for the stalled one: ${(backlog / MIB).toFixed(1)} MiB`,
    ],
  };
}
