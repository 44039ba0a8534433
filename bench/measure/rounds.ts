import { cpuMicros } from './cpu.js';
import { median } from './statistics.js';

/** Work that can be put on a server for a while. */
export interface Load {
  /** Runs for about that long and answers how many operations were completed. */
  run(seconds: number): Promise<number>;
}

/** A server under load, named as in the table. */
export interface Contender {
  readonly name: string;
  readonly pid: number;
  readonly load: Load;
}

/** What one round showed. */
export interface Round {
  readonly cpuMicrosPerOperation: number;
  readonly operationsPerSecond: number;
  /** Cores the server kept busy: near 1, its throughput is a limit; below, the client's was. */
  readonly busy: number;
}

export interface Schedule {
  readonly rounds: number;
  readonly seconds: number;
}

/**
 * Measures the contenders in turns (A B C, C B A, A B C, ...), so that a slow minute of the machine hits all of
 * them and no one always follows the same neighbour. The warm-up round is discarded.
 */
export async function interleave(
  contenders: readonly Contender[],
  schedule: Schedule,
): Promise<ReadonlyMap<string, readonly Round[]>> {
  const rounds = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]));
  for (const contender of contenders) await measure(contender, Math.max(2, schedule.seconds));
  for (let i = 0; i < schedule.rounds; i += 1) {
    const order = i % 2 === 0 ? contenders : contenders.toReversed();
    for (const contender of order) {
      rounds.get(contender.name)?.push(await measure(contender, schedule.seconds));
    }
  }
  return rounds;
}

async function measure({ name, pid, load }: Contender, seconds: number): Promise<Round> {
  const cpuBefore = cpuMicros(pid);
  const before = performance.now();
  const operations = await load.run(seconds);
  const elapsedMs = performance.now() - before;
  const cpu = cpuMicros(pid) - cpuBefore;
  if (operations === 0) throw new Error(`${name} completed nothing in ${seconds} s`);
  return {
    cpuMicrosPerOperation: cpu / operations,
    operationsPerSecond: (operations / elapsedMs) * 1000,
    busy: cpu / (elapsedMs * 1000),
  };
}

/** The median over the rounds, figure by figure. */
export function summary(rounds: readonly Round[]): Round {
  return {
    cpuMicrosPerOperation: median(rounds.map((round) => round.cpuMicrosPerOperation)),
    operationsPerSecond: median(rounds.map((round) => round.operationsPerSecond)),
    busy: median(rounds.map((round) => round.busy)),
  };
}

/** How many times less CPU the product needs than the reference, round by round, then the median and the extremes. */
export function cpuRatio(reference: readonly Round[], product: readonly Round[]): Ratio {
  const ratios = reference.map(
    (round, i) => round.cpuMicrosPerOperation / (product[i]?.cpuMicrosPerOperation ?? NaN),
  );
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}

export interface Ratio {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}
