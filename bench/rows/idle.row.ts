import { benchUser } from '../load/dialects.js';
import { openLoggedIn } from '../load/logged-in.js';
import type { RawSocket } from '../load/raw-socket.js';
import { cpuMicros } from '../measure/cpu.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import type { Row, RowContext, RowResult } from './row.js';
import { startAll, type Started, stopAll } from './started.js';

const CONNECTIONS = 10_000;
const HEARTBEAT_MS = 3_000;
/** A connection that let one heartbeat pass is ended by the next: whoever saw three has survived two. */
const HEARTBEATS = 3;
const TIMEOUT_MS = 60_000;
const LOOK_AGAIN_MS = 100;

/** Many logged-in connections that do nothing: whether they all live on, and what keeping them costs. */
export const idleRow: Row = {
  name: 'idle',
  async run(context) {
    const config = { limits: { 'heartbeat-ms': HEARTBEAT_MS } };
    const product = dispatcher({ entry: context.options.server, config });
    const { started, notes } = await startAll([product]);
    try {
      const [server] = started;
      if (server === undefined) return [resultOf(notes)];
      return [resultOf(notes, await keep(server, context))];
    } finally {
      await stopAll(started);
    }
  },
};

interface Kept {
  readonly living: number;
  readonly cpuPerHeartbeat: number;
}

async function keep(started: Started, context: RowContext): Promise<Kept> {
  const sockets: RawSocket[] = [];
  try {
    context.progress(`idle, ${CONNECTIONS} connections`);
    await openLoggedIn(started, CONNECTIONS, sockets);
    const living = new Set(sockets);
    for (const socket of sockets) {
      const onFailure = (): unknown => living.delete(socket);
      socket.listen({ onMessage: () => undefined, onReadEnd: () => undefined, onFailure });
    }
    context.progress(`idle, ${HEARTBEATS} heartbeats`);
    const cpuPerHeartbeat = await outlast(started, living);
    const answered = await Promise.all([...living].map((socket) => answers(socket, started)));
    return { living: answered.filter((isAnswered) => isAnswered).length, cpuPerHeartbeat };
  } finally {
    await Promise.all(sockets.map((socket) => socket.close()));
  }
}

/** Waits until everybody still there has seen the heartbeats; answers the CPU of one, in microseconds. */
async function outlast({ server }: Started, living: ReadonlySet<RawSocket>): Promise<number> {
  const cpuBefore = cpuMicros(server.pid);
  const before = beats(living);
  const deadlineMs = performance.now() + TIMEOUT_MS;
  while ([...living].some(({ pings }) => pings < HEARTBEATS)) {
    if (performance.now() > deadlineMs) throw new Error('The heartbeats did not reach everybody');
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  return (cpuMicros(server.pid) - cpuBefore) / (beats(living) - before);
}

function beats(sockets: ReadonlySet<RawSocket>): number {
  return [...sockets].reduce((sum, { pings }) => sum + pings, 0);
}

async function answers(socket: RawSocket, { subject }: Started): Promise<boolean> {
  const { dialect } = subject;
  const reply = await socket.request(dialect.request(1, benchUser(1))).catch(() => '');
  return reply.includes(benchUser(1).full_name);
}

function resultOf(notes: readonly string[], kept?: Kept): RowResult {
  const work = `${CONNECTIONS.toLocaleString('en')} idle, logged-in connections through ${HEARTBEATS} heartbeats`;
  if (kept === undefined) return { row: 'idle', work, lines: [], notes };
  const line = { subject: 'dispatcher', value: kept.cpuPerHeartbeat, unit: 'µs CPU/heartbeat' };
  const figure = 'connections that still answer a call';
  const goal = { figure, target: CONNECTIONS, better: 'higher', achieved: kept.living } as const;
  return { row: 'idle', work, lines: [line], notes, goal };
}
