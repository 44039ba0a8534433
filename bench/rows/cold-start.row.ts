import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../measure/statistics.js';
import { dispatcher } from '../subjects/dispatcher.subject.js';
import { nestEmpty } from '../subjects/reference.subjects.js';
import type { Subject } from '../subjects/subject.js';
import type { Line, Row, RowContext, RowResult } from './row.js';
import { startAll, stopAll } from './started.js';

const PLUGINS = 20;
const TARGET_MS = 1_500;

/** From the spawn to the ready line with twenty plugins and the embedded store, against an empty Nest application. */
export const coldStartRow: Row = {
  name: 'cold-start',
  async run(context) {
    const plugins = mkdtempSync(join(tmpdir(), 'dispatcher-bench-plugins-'));
    try {
      for (let i = 0; i < PLUGINS; i += 1) writePlugin(plugins, i);
      const config = { 'plugin-dirs': [plugins], 'shipped-plugins': false };
      const product = dispatcher({ entry: context.options.server, config });
      return [await measure([product, nestEmpty], context)];
    } finally {
      rmSync(plugins, { recursive: true, force: true });
    }
  },
};

async function measure(subjects: readonly Subject[], context: RowContext): Promise<RowResult> {
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
  return evaluate(times, notes);
}

function evaluate(
  times: ReadonlyMap<string, readonly number[]>,
  notes: readonly string[],
): RowResult {
  const medians = new Map(
    [...times].flatMap(([name, ms]) => (ms.length > 0 ? [[name, median(ms)]] : [])),
  );
  const lines = [...medians].map(([subject, value]): Line => ({ subject, value, unit: 'ms' }));
  const work = `cold start to ready, ${PLUGINS} plugins, embedded store, state folder in use before`;
  const result = { row: 'cold-start', work, lines, notes };
  const product = medians.get('dispatcher');
  const empty = medians.get(nestEmpty.name);
  if (product === undefined || empty === undefined) return result;
  const figure = 'ms more than an empty Nest application';
  return {
    ...result,
    goal: { figure, target: TARGET_MS, better: 'lower', achieved: product - empty },
  };
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
