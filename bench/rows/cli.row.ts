import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { median } from '../measure/statistics.js';
import { PATHS } from '../paths.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import { completionResult } from './cli-completion.js';
import type { Line, Row, RowContext, RowResult } from './row.js';
import { startAll, stopAll } from './started.js';

const TARGET = 1.5;
const SHELL_TARGET = 2;
/** Megabytes that the shell may take, the program itself included. */
const MEMORY_TARGET = 150;
const ROWS = 100_000;
/** The empty program, the way through one command, the way through a line of the shell. */
const EMPTY = 'node -e 0';
const CALL = 'dispatcherctl call';
const SHELL = 'dispatcher-cli -e true';
/** Not from spawn to end, as the others: what it says itself. */
const ROUND_TRIP = 'connect, log in, call with plain ws';
/** Tells at its end how much memory a program had at most, in KiB. */
const TELL = `data:text/javascript,${encodeURIComponent('process.on("exit", () => process.stderr.write(`${process.resourceUsage().maxRSS}`))')}`;

/** Of single starts: the pace of the machine differs more between two of them than the programs do. */
const TURNS = 4;

/** What is started, by the name in the table. */
type Programs = Readonly<Record<string, readonly string[]>>;

/**
 * From the spawn to the end of `dispatcherctl call` and of a line of the shell, against an empty program and a
 * round trip. Then what the shell holds of rows that it filters, and how long TAB takes.
 */
export const cliRow: Row = {
  name: 'cli',
  async run(context) {
    const product = dispatcher({ entry: context.options.server });
    const { started, notes } = await startAll([product]);
    const [server] = started;
    if (server === undefined) return [startOf(new Map(), notes)];
    const cache = mkdtempSync(join(tmpdir(), 'dispatcher-bench-'));
    const env = { ...process.env, XDG_CACHE_HOME: cache };
    try {
      const folder = join(dirname(context.options.server), 'cli');
      const url = new URL('socket', server.server.address).href;
      const shell = [join(folder, 'dispatcher-cli.js'), '--url', url, '-e'];
      const programs: Programs = {
        [EMPTY]: ['-e', '0'],
        [CALL]: [join(folder, 'dispatcherctl.js'), '--url', url, 'call', 'management.ping'],
        [SHELL]: [...shell, 'true'],
        [ROUND_TRIP]: [PATHS.server('round-trip-once'), url],
      };
      const taken = await measure(programs, context, env);
      const line = `bench rows ${ROWS} | search n>=${ROWS - 10} | limit 10 | count`;
      const megabytes = await memoryOf(['--import', TELL, ...shell, line], env);
      return [startOf(taken, notes), memoryResult(megabytes), await completionResult()];
    } finally {
      rmSync(cache, { recursive: true });
      await stopAll(started);
    }
  },
};

type Taken = ReadonlyMap<string, number>;

/** Milliseconds in the middle, by program. The first start of each fills the caches and does not count. */
async function measure(
  programs: Programs,
  { options, progress }: RowContext,
  env: NodeJS.ProcessEnv,
): Promise<Taken> {
  const times = new Map<string, number[]>(Object.keys(programs).map((name) => [name, []]));
  const rounds = options.rounds * TURNS;
  for (let round = 0; round <= rounds; round += 1) {
    progress(`command line, round ${round} of ${rounds}`);
    const order = Object.entries(programs);
    for (const [name, argv] of round % 2 === 0 ? order : order.reverse()) {
      const startMs = performance.now();
      const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'ignore'], env });
      const [[status], said] = await Promise.all([
        once(child, 'exit') as Promise<[number | null]>,
        text(child.stdout),
      ]);
      const tookMs = performance.now() - startMs;
      if (status !== 0) throw new Error(`${name} ended with ${String(status)}`);
      if (round > 0) times.get(name)?.push(name === ROUND_TRIP ? Number(said) : tookMs);
    }
  }
  return new Map([...times].map(([name, taken]) => [name, median(taken)]));
}

function startOf(taken: Taken, notes: readonly string[]): RowResult {
  const lines = [...taken].map(([subject, value]): Line => ({ subject, value, unit: 'ms' }));
  const work = 'one command from its spawn to its end: connect, log in, call, print';
  const result = { row: 'cli', work, lines, notes };
  const [empty, call, shell, roundTrip] = [EMPTY, CALL, SHELL, ROUND_TRIP].map((name) =>
    taken.get(name),
  );
  if (empty === undefined || call === undefined) return result;
  if (shell === undefined || roundTrip === undefined) return result;
  const ratio = ((shell - roundTrip) / empty).toFixed(2);
  const about = `${SHELL}, less a round trip / ${EMPTY} with a warm cache: ${ratio}, to be at most ${SHELL_TARGET}`;
  return {
    ...result,
    notes: [...notes, about],
    goal: {
      figure: `${CALL}, less a round trip / ${EMPTY}`,
      target: TARGET,
      better: 'lower',
      achieved: (call - roundTrip) / empty,
    },
  };
}

function memoryResult(megabytes: number): RowResult {
  const subject = 'dispatcher-cli';
  return {
    row: 'cli memory',
    work: `${ROWS} rows of a method through search and limit of the shell`,
    lines: [{ subject, value: megabytes, unit: 'MB' }],
    notes: [],
    goal: { figure: 'MB at most', target: MEMORY_TARGET, better: 'lower', achieved: megabytes },
  };
}

/** The most that a program had, in megabytes. */
async function memoryOf(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const [[status], answer, kibibytes] = await Promise.all([
    once(child, 'exit') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ]);
  if (status !== 0 || answer.trim() !== '10')
    throw new Error(`The shell said ${answer}${kibibytes}`);
  return (Number(kibibytes) * 1_024) / 1e6;
}
