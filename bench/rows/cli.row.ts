import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { median } from '../measure/statistics.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import type { Line, Row, RowContext, RowResult } from './row.js';
import { startAll, stopAll } from './started.js';

const TARGET = 1.5;
/** Of single starts: the pace of the machine differs more between two of them than the programs do. */
const TURNS = 4;

/** What is started, by the name in the table. */
type Programs = Readonly<Record<'node -e 0' | 'dispatcherctl call', readonly string[]>>;

/**
 * From the spawn to the end of `dispatcherctl call`, against an empty program; of the difference the round
 * trips on the loopback interface are a part.
 */
export const cliRow: Row = {
  name: 'cli',
  async run(context) {
    const product = dispatcher({ entry: context.options.server });
    const { started, notes } = await startAll([product]);
    const [server] = started;
    if (server === undefined) return [resultOf(new Map(), notes)];
    try {
      const program = join(dirname(context.options.server), 'cli/dispatcherctl.js');
      const url = new URL('socket', server.server.address).href;
      const programs: Programs = {
        'node -e 0': ['-e', '0'],
        'dispatcherctl call': [program, '--url', url, 'call', 'management.ping'],
      };
      return [resultOf(await measure(programs, context), notes)];
    } finally {
      await stopAll(started);
    }
  },
};

type Taken = ReadonlyMap<string, number>;

/** Milliseconds in the middle, by program. The first start of each fills the caches and does not count. */
async function measure(programs: Programs, { options, progress }: RowContext): Promise<Taken> {
  const times = new Map<string, number[]>(Object.keys(programs).map((name) => [name, []]));
  const rounds = options.rounds * TURNS;
  for (let round = 0; round <= rounds; round += 1) {
    progress(`command line, round ${round} of ${rounds}`);
    const order = Object.entries(programs);
    for (const [name, argv] of round % 2 === 0 ? order : order.reverse()) {
      const startMs = performance.now();
      const child = spawn(process.execPath, argv, { stdio: 'ignore' });
      const [status] = (await once(child, 'exit')) as [number | null];
      if (status !== 0) throw new Error(`${name} ended with ${String(status)}`);
      if (round > 0) times.get(name)?.push(performance.now() - startMs);
    }
  }
  return new Map([...times].map(([name, taken]) => [name, median(taken)]));
}

function resultOf(taken: Taken, notes: readonly string[]): RowResult {
  const lines = [...taken].map(([subject, value]): Line => ({ subject, value, unit: 'ms' }));
  const work = 'one command from its spawn to its end: connect, log in, call, print';
  const result = { row: 'cli', work, lines, notes };
  const [empty, call] = [...taken.values()];
  if (empty === undefined || call === undefined) return result;
  const figure = 'dispatcherctl call / node -e 0';
  return { ...result, goal: { figure, target: TARGET, better: 'lower', achieved: call / empty } };
}
