import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../measure/statistics.js';
import { dispatcher, shipped } from '../subjects/dispatcher.subject.js';
import { nestEmpty } from '../subjects/reference.subjects.js';
import type { Subject } from '../subjects/subject.js';
import type { Line, Row, RowContext, RowResult } from './row.js';
import { startAll, stopAll } from './started.js';

const PLUGINS = 20;
const TARGET_MS = 1_500;
const TARGET = 1.8;

/**
 * From the spawn to the ready line with the embedded store, against an empty Nest application: as
 * installed, and with twenty plugins more.
 */
export const coldStartRow: Row = {
  name: 'cold-start',
  async run(context) {
    const plugins = mkdtempSync(join(tmpdir(), 'dispatcher-bench-plugins-'));
    try {
      for (let i = 0; i < PLUGINS; i += 1) writePlugin(plugins, i);
      const config = { 'plugin-dirs': [plugins], 'shipped-plugins': false };
      const product = dispatcher({ entry: context.options.server, config });
      const asInstalled = await measure([shipped(context.options), nestEmpty], context);
      const withPlugins = await measure([product, nestEmpty], context);
      return [evaluateInstalled(asInstalled), evaluatePlugins(withPlugins)];
    } finally {
      rmSync(plugins, { recursive: true, force: true });
    }
  },
};

/** What each subject took, in milliseconds, and what is missing. */
interface Taken {
  readonly medians: ReadonlyMap<string, number>;
  readonly notes: readonly string[];
}

async function measure(subjects: readonly Subject[], context: RowContext): Promise<Taken> {
  const times = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
  let notes: readonly string[] = [];
  // The first round fills the disk cache and makes the store's file; it does not count.
  for (let round = 0; round <= context.options.rounds; round += 1) {
    context.progress(`cold start, round ${round} of ${context.options.rounds}`);
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      const { started, notes: missing } = await startAll([subject]);
      await stopAll(started);
      if (missing.length > 0) notes = missing;
      if (round === 0) continue;
      for (const { server } of started) times.get(subject.name)?.push(server.startMs);
    }
    if (notes.length > 0) break;
  }
  const medians = [...times].flatMap(([name, ms]) =>
    ms.length > 0 ? [[name, median(ms)] as const] : [],
  );
  return { medians: new Map(medians), notes };
}

function evaluateInstalled(taken: Taken): RowResult {
  const result = resultOf('as installed', taken);
  const pair = pairOf(taken);
  if (pair === null) return result;
  const figure = 'dispatcher / an empty Nest application';
  const achieved = pair.product / pair.empty;
  return { ...result, goal: { figure, target: TARGET, better: 'lower', achieved } };
}

function evaluatePlugins(taken: Taken): RowResult {
  const result = resultOf(`${PLUGINS} plugins`, taken);
  const pair = pairOf(taken);
  if (pair === null) return result;
  const figure = 'ms more than an empty Nest application';
  const achieved = pair.product - pair.empty;
  return { ...result, goal: { figure, target: TARGET_MS, better: 'lower', achieved } };
}

function resultOf(what: string, { medians, notes }: Taken): RowResult {
  const lines = [...medians].map(([subject, value]): Line => ({ subject, value, unit: 'ms' }));
  const work = `cold start to ready, ${what}, embedded store, state folder in use before`;
  return { row: 'cold-start', work, lines, notes };
}

function pairOf({ medians }: Taken): { readonly product: number; readonly empty: number } | null {
  const product = medians.get('dispatcher');
  const empty = medians.get(nestEmpty.name);
  return product === undefined || empty === undefined ? null : { product, empty };
}

/** A plugin of ordinary size: a class with a schema, a provider with two methods. */
function writePlugin(directory: string, number: number): void {
  const name = `sample${number}`;
  mkdirSync(join(directory, name));
  writeFileSync(
    join(directory, name, 'index.ts'),
    `import { accepts, description, Plugin, Provider, provider, returns } from 'dispatcher';
import { IsInt, IsString } from 'class-validator';

export class Sample${number} {
  @IsString() name!: string;
  @IsInt() size!: number;
}

@provider('${name}')
export class SampleProvider extends Provider {
  @description('Gives back what it got') @accepts(Sample${number}) @returns(Sample${number})
  echo(sample: Sample${number}): Sample${number} {
    return sample;
  }

  @description('Adds two numbers') @accepts(Number, Number) @returns(Number)
  add(a: number, b: number): number {
    return a + b;
  }
}

@Plugin({ schemas: [Sample${number}], providers: [SampleProvider] })
export default class SamplePlugin {}
`,
  );
}
