import { benchEvent, EVENT_NAME } from '../load/bench-event.js';
import { FanOut } from '../load/fan-out.js';
import { openLoggedIn } from '../load/logged-in.js';
import { PacedLoad } from '../load/paced-load.js';
import type { RawSocket } from '../load/raw-socket.js';
import { median, percentile } from '../measure/statistics.js';
import type { EventSubject } from '../subjects/subject.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import type { Line, Row, RowContext, RowResult } from './row.js';
import { startAll, type Started, stopAll } from './started.js';

const READERS = 200;
/** Of the events that a stalled reader leaves lying. */
export const STALLING = { padding: 8_000, everyMs: 10, told: 'server.client_stalled' } as const;
const WINDOW = 2_000;
const SECONDS = 2.5;
const PAIRS = 3;
const DROP_TIMEOUT_MS = 20_000;
/** Smaller than the defaults, so that the bound is reached in seconds and not in minutes. */
const LIMITS = { 'outbox-bytes': 2 ** 20, 'outbox-grace-ms': 2_000 } as const;
const MIB = 2 ** 20;
const TARGET = 1.25;

/** One reader among many stops reading: what the others feel, and what the server holds for it until it lets go. */
export const stalledRow: Row = {
  name: 'stalled',
  async run(context) {
    const product = dispatcher({ entry: context.options.server, config: { limits: LIMITS } });
    const { started, notes } = await startAll([product], { probe: 'memory' });
    try {
      const [server] = started;
      const pairs: Pair[] = [];
      if (server !== undefined) pairs.push(...(await measurePairs(server, context)));
      return [evaluate(pairs, notes)];
    } finally {
      await stopAll(started);
    }
  },
};

/** A while in which everybody reads, and one in which one does not. */
interface Pair {
  readonly calm: Latency;
  readonly disturbed: Latency;
  /** Live bytes of the server: while it holds the backlog, against before. */
  readonly heldBytes: number;
  /** How the connection of the stalled reader ended. */
  readonly farewell: string;
}

interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

async function measurePairs(started: Started<EventSubject>, context: RowContext): Promise<Pair[]> {
  const shape = { subscribers: READERS, window: WINDOW, padding: STALLING.padding };
  const fanOut = await FanOut.open(started, shape);
  const pairs: Pair[] = [];
  try {
    const load = new PacedLoad(fanOut, STALLING.everyMs);
    await load.run(1); // compiles the way of an event
    for (let i = 1; i <= PAIRS; i += 1) {
      context.progress(`stalled reader, round ${i} of ${PAIRS}`);
      pairs.push(await measurePair(started, load));
    }
    return pairs;
  } finally {
    await fanOut.close();
  }
}

async function measurePair(started: Started<EventSubject>, load: PacedLoad): Promise<Pair> {
  const { server } = started;
  const sockets: RawSocket[] = [];
  try {
    const calm = latencyOf(await load.run(SECONDS));
    const before = await server.memory();
    const reader = await openStalled(started, sockets);
    const disturbed = latencyOf(await load.run(SECONDS));
    const heldBytes = (await server.memory()).live - before.live;
    const deadlineMs = performance.now() + DROP_TIMEOUT_MS;
    while (!reader.isLetGo() && performance.now() < deadlineMs) await load.run(0.5);
    if (!reader.isLetGo()) throw new Error('The server never let go of the stalled reader');
    return { calm, disturbed, heldBytes, farewell: await farewellOf(reader.socket) };
  } finally {
    await Promise.all(sockets.map((socket) => socket.close()));
  }
}

/** A reader that takes nothing of the events it has asked for. */
interface StalledReader {
  readonly socket: RawSocket;
  /** Whether the server has told others that it lets go of somebody. */
  isLetGo(): boolean;
}

/** What it opens is put into `sockets`, for the caller to close. */
export async function openStalled(
  started: Started<EventSubject>,
  sockets: RawSocket[],
): Promise<StalledReader> {
  const { events } = started.subject;
  await openLoggedIn(started, 2, sockets);
  const [socket, witness] = sockets as [RawSocket, RawSocket];
  await events.subscribe(socket, EVENT_NAME);
  await events.subscribe(witness, STALLING.told);
  let isLetGo = false;
  const onMessage = (): unknown => (isLetGo = true);
  witness.listen({ onMessage, onReadEnd: () => undefined, onFailure: () => undefined });
  socket.stall();
  return { socket, isLetGo: () => isLetGo };
}

/** Reads what is left for the stalled reader, down to the server's last word. */
function farewellOf(reader: RawSocket): Promise<string> {
  return new Promise((resolve) => {
    reader.listen({
      onMessage: () => undefined,
      onReadEnd: () => undefined,
      onFailure: (error) => resolve(error.message),
    });
    reader.recover();
  });
}

function latencyOf(latenciesMs: readonly number[]): Latency {
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => percentile(latenciesMs, share));
  return { p50: p50 ?? NaN, p99: p99 ?? NaN, max: max ?? NaN };
}

function evaluate(pairs: readonly Pair[], missing: readonly string[]): RowResult {
  const bytes = JSON.stringify(benchEvent(1, STALLING.padding)).length;
  const work = `one stalled reader among ${READERS}, an event of ${bytes} bytes every ${STALLING.everyMs} ms`;
  if (pairs.length === 0) return { row: 'stalled', work, lines: [], notes: missing };
  const lines = [
    lineOf(
      'everybody reads',
      pairs.map(({ calm }) => calm),
    ),
    lineOf(
      'one is stalled',
      pairs.map(({ disturbed }) => disturbed),
    ),
  ];
  const achieved = median(pairs.map(({ calm, disturbed }) => disturbed.p50 / calm.p50));
  const figure = 'median latency of the others, one stalled / everybody reads';
  const held = pairs.map(({ heldBytes }) => (heldBytes / MIB).toFixed(1)).join(', ');
  const notes = [
    ...lines.map(({ subject }, i) => `${subject}: ${spread(pairs, i)}`),
    `live memory for the backlog: ${held} MiB; the bound is ${LIMITS['outbox-bytes'] / MIB} MiB for ${LIMITS['outbox-grace-ms']} ms`,
    `how it ended: ${[...new Set(pairs.map(({ farewell }) => farewell))].join('; ')}`,
  ];
  const goal = { figure, target: TARGET, better: 'lower', achieved } as const;
  return { row: 'stalled', work, lines, notes: [...missing, ...notes], goal };
}

function lineOf(subject: string, latencies: readonly Latency[]): Line {
  return { subject, value: median(latencies.map(({ p50 }) => p50)), unit: 'ms' };
}

function spread(pairs: readonly Pair[], line: number): string {
  const own = pairs.map(({ calm, disturbed }) => (line === 0 ? calm : disturbed));
  const middle = (key: keyof Latency): string => median(own.map((one) => one[key])).toFixed(2);
  return `p50 ${middle('p50')} ms, p99 ${middle('p99')} ms, slowest ${middle('max')} ms`;
}
