import { FanOut } from '../load/fan-out.js';
import { IdleCrowd } from '../load/idle-crowd.js';
import type { RawSocket } from '../load/raw-socket.js';
import type { EventSubject } from '../subjects/subject.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import { wsJson } from '../subjects/reference.subjects.js';
import { MEMORY_TARGET, slopesOf } from './memory.row.js';
import type { Line, Row, RowContext, RowResult } from './row.js';
import { openStalled, STALLING } from './stalled.row.js';
import { startAll, type Started, stopAll } from './started.js';

/** Between two looks at the memory; each lets the server collect its garbage first. */
const LOOK_EVERY_MS = 500;
const TIMEOUT_MS = 60_000;
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
      const burdened = await burden(server, context);
      const { resident } = await slopesOf(reference, context);
      return [evaluate(burdened, resident, notes)];
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
  const { padding, everyMs } = STALLING;
  const fanOut = await FanOut.open(started, { subscribers: 1, window: 20_000, padding });
  const sockets: RawSocket[] = [];
  const pace = setInterval(() => fanOut.publish(1), everyMs);
  try {
    const reader = await openStalled(started, sockets);
    const deadlineMs = performance.now() + TIMEOUT_MS;
    let highest = 0;
    while (!reader.isLetGo()) {
      if (performance.now() > deadlineMs) throw new Error('The server never let go of the reader');
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      highest = Math.max(highest, (await started.server.memory()).resident);
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
