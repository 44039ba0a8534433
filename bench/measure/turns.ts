import type { BenchOptions } from '../options.js';
import type { Line } from '../rows/row.js';
import { median } from './statistics.js';

/** Works for about that long and answers how many operations it completed. */
export type Work = (seconds: number) => Promise<number>;

export interface Repetition {
  /** How many are under way at any time; 1. */
  readonly inFlight?: number;
  /** What one stands for; 1. */
  readonly operations?: number;
}

/** One thing over and over, from as many lanes as there are to be in flight. */
export function repeated(
  once: () => unknown,
  { inFlight = 1, operations = 1 }: Repetition = {},
): Work {
  return async (seconds) => {
    const end = performance.now() + seconds * 1_000;
    let completed = 0;
    const lane = async (): Promise<void> => {
      while (performance.now() < end) {
        await once();
        completed += operations;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
    return completed;
  };
}

/** Microseconds an operation took, for each subject and round. */
export type Costs = ReadonlyMap<string, readonly number[]>;

/** Measures the subjects in turns, so that a slow minute of the machine hits all of them; the first round warms up. */
export async function inTurns(
  { rounds, seconds }: Pick<BenchOptions, 'rounds' | 'seconds'>,
  subjects: Readonly<Record<string, Work>>,
): Promise<Costs> {
  const costs = new Map<string, number[]>(Object.keys(subjects).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    const order = Object.entries(subjects);
    for (const [name, work] of round % 2 === 0 ? order : order.toReversed()) {
      const cost = await costOf(work, seconds);
      if (round > 0) costs.get(name)?.push(cost);
    }
  }
  return costs;
}

async function costOf(work: Work, seconds: number): Promise<number> {
  const start = performance.now();
  const operations = await work(seconds);
  if (operations === 0) throw new Error(`Nothing was completed in ${seconds} s`);
  return ((performance.now() - start) * 1_000) / operations;
}

/** How many times longer the first takes than the second, round by round. */
export function ratios(
  costs: Costs,
  [first, second]: readonly [string, string],
): readonly number[] {
  const others = costs.get(second) ?? [];
  return (costs.get(first) ?? []).map((cost, round) => cost / (others[round] ?? NaN));
}

/** A line for each subject, beside the one that the others are compared with. */
export function linesOf(costs: Costs, own: string): readonly Line[] {
  return [...costs].map(([subject, its]) => {
    const value = median(its);
    const line = { subject, value, unit: 'µs', perSecond: 1e6 / value };
    if (subject === own) return line;
    const ratio = ratios(costs, [subject, own]);
    const [lowest, highest] = [Math.min(...ratio), Math.max(...ratio)];
    return { ...line, ratio: { median: median(ratio), lowest, highest } };
  });
}
