import { anonymousMemory, type ProcessMemory, sumOf } from '../measure/anonymous-memory.js';
import { median } from '../measure/statistics.js';
import { shipped } from '../subjects/dispatcher.subject.js';
import { nestEmpty } from '../subjects/reference.subjects.js';
import type { Subject } from '../subjects/subject.js';
import type { Line, Row, RowResult } from './row.js';
import { startAll, stopAll } from './started.js';

const TARGET = 2;
const MIB = 1_024 * 1_024;
const ROUNDS = 3;
/** What a server does once it has said that it is ready comes to an end within so long. */
const AT_LEAST_MS = 12_000;
const AT_MOST_MS = 30_000;
const LOOK_AGAIN_MS = 1_000;
/** A sum that changes less between two looks has settled. */
const STILL = 0.01;

/** What a server that nobody uses holds in memory, with all of its processes, as it is installed. */
export const footprintRow: Row = {
  name: 'footprint',
  async run(context) {
    const subjects = [shipped(context.options), nestEmpty];
    const taken = new Map<string, (readonly ProcessMemory[])[]>(
      subjects.map(({ name }) => [name, []]),
    );
    let notes: readonly string[] = [];
    // The first round makes what a start keeps for the next one; it does not count.
    for (let round = 0; round <= ROUNDS && notes.length === 0; round += 1) {
      context.progress(`footprint, round ${round} of ${ROUNDS}`);
      for (const subject of subjects) {
        const settled = await settledMemory(subject);
        if (typeof settled === 'string') notes = [...notes, settled];
        else if (round > 0) taken.get(subject.name)?.push(settled);
      }
    }
    return [evaluate(taken, notes)];
  },
};

/** A text says why it could not be measured. */
async function settledMemory(subject: Subject): Promise<readonly ProcessMemory[] | string> {
  const { started, notes } = await startAll([subject]);
  try {
    const [one] = started;
    return one === undefined ? notes.join('; ') : await settle(one.server.pid);
  } finally {
    await stopAll(started);
  }
}

async function settle(pid: number): Promise<readonly ProcessMemory[]> {
  const started = performance.now();
  let before = 0;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    const processes = anonymousMemory(pid);
    const sum = sumOf(processes);
    const waitedMs = performance.now() - started;
    const isStill = Math.abs(sum - before) < STILL * sum;
    if ((isStill && waitedMs >= AT_LEAST_MS) || waitedMs >= AT_MOST_MS) return processes;
    before = sum;
  }
}

function evaluate(
  taken: ReadonlyMap<string, readonly (readonly ProcessMemory[])[]>,
  missing: readonly string[],
): RowResult {
  const sums = new Map(
    [...taken].flatMap(([name, rounds]) =>
      rounds.length > 0 ? [[name, median(rounds.map(sumOf)) / MIB]] : [],
    ),
  );
  const lines = [...sums].map(([subject, value]): Line => ({ subject, value, unit: 'MiB' }));
  const work = 'anonymous memory after start, all processes, shipped plugins, embedded store';
  const notes = [...missing, ...[...taken].flatMap(([name, rounds]) => describe(name, rounds))];
  const result = { row: 'footprint', work, lines, notes };
  const product = sums.get('dispatcher');
  const empty = sums.get(nestEmpty.name);
  if (product === undefined || empty === undefined) return result;
  const figure = 'dispatcher / an empty Nest application';
  return {
    ...result,
    goal: { figure, target: TARGET, better: 'lower', achieved: product / empty },
  };
}

/** Whose memory it is, from the last round. */
function describe(name: string, rounds: readonly (readonly ProcessMemory[])[]): readonly string[] {
  const latest = rounds.at(-1);
  if (latest === undefined) return [];
  const each = latest.map(({ bytes }) => (bytes / MIB).toFixed(1)).join(' + ');
  return [
    `${name}: ${latest.length} ${latest.length === 1 ? 'process' : 'processes'}, ${each} MiB`,
  ];
}
