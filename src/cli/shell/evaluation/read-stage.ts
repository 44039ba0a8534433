import { UsageError } from '../../exit-status.js';
import { secondsOf } from '../../values/index.js';
import type { Argument, Stage, Statement } from '../grammar/index.js';
import type { RowStage, Shape, TextFormat } from '../stages/index.js';
import { STAGES } from '../words-table.js';
import type { Evaluation } from './evaluation.js';
import { plainText } from './expand.js';
import { readPluginStage } from './plugin-stage.js';
import type { ReadStage } from './prepared-pipeline.js';
import { noSuch } from '../../no-such.js';
import { propertyAt, readCondition } from './read-filter.js';

const FORMATS: readonly TextFormat[] = ['json', 'yaml', 'csv', 'ndjson', 'md', 'table'];
const ROW_STAGES: ReadonlySet<string> = new Set([
  ...['search', 'exclude', 'find', 'sort', 'limit', 'offset', 'tail', 'select', 'get', 'count'],
  ...['uniq', 'group'],
]);

export const isRowStage = (stage: ReadStage): stage is RowStage => ROW_STAGES.has(stage.kind);

/** @throws UsageError for a stage that there is none of, or arguments that it does not take */
export async function readStage(
  { words, block }: Stage,
  shape: Shape,
  evaluation: Evaluation,
): Promise<ReadStage> {
  const [head, ...args] = words;
  const typed = head?.kind === 'positional' && head.value.kind === 'bare' ? head.value.text : '';
  const name = STAGES.get(typed)?.aliasOf ?? typed;
  const reader = READERS.get(name);
  if (reader === undefined) {
    const { shell } = evaluation;
    if (!shell.plugins.stages.has(name)) await shell.loadPlugins();
    const stage = shell.plugins.stages.get(name);
    if (stage !== undefined) return readPluginStage(stage, args, evaluation);
    const known = [...STAGES.keys(), ...shell.plugins.stages.keys()];
    throw await noSuch(`There is no stage ${typed === '' ? 'here' : typed}`, typed, known);
  }
  return reader(args, { name, shape, evaluation, block });
}

interface Reading {
  readonly name: string;
  readonly shape: Shape;
  readonly evaluation: Evaluation;
  readonly block: readonly Statement[] | null;
}
type Reader = (args: readonly Argument[], reading: Reading) => Promise<ReadStage>;

const filterStage =
  (kind: 'search' | 'exclude' | 'find'): Reader =>
  async (args, { shape, evaluation }) => {
    if (args.length === 0) throw new UsageError(`${kind} needs a filter, such as name=x`);
    const filter = [];
    for (const argument of args) {
      if (argument.kind !== 'named') {
        throw new UsageError(
          `${kind} takes filters: a property, a sign and a value, such as uid>10`,
        );
      }
      filter.push(await readCondition(argument, shape, evaluation));
    }
    return { kind, filter };
  };

const countStage =
  (kind: 'limit' | 'offset' | 'tail'): Reader =>
  async (args, { name, evaluation }) => {
    const [text = ''] = await texts(args, { name, evaluation });
    if (!/^\d{1,15}$/.test(text) || args.length !== 1) {
      throw new UsageError(`${name} takes a number of rows, such as 10`);
    }
    return { kind, count: Number(text) };
  };

const none =
  (kind: 'count' | 'less'): Reader =>
  (args, { name }) => {
    if (args.length > 0) throw new UsageError(`${name} takes nothing`);
    return Promise.resolve({ kind });
  };

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['search', filterStage('search')],
  ['exclude', filterStage('exclude')],
  ['find', filterStage('find')],
  ['limit', countStage('limit')],
  ['offset', countStage('offset')],
  ['tail', countStage('tail')],
  ['count', none('count')],
  ['less', none('less')],
  ['sort', async (args, reading) => ({ kind: 'sort', keys: await fields(args, reading) })],
  ['select', async (args, reading) => ({ kind: 'select', fields: await fields(args, reading) })],
  ['get', async (args, reading) => ({ kind: 'get', field: await oneField(args, reading) })],
  ['group', async (args, reading) => ({ kind: 'group', field: await oneField(args, reading) })],
  [
    'uniq',
    async (args, reading) => ({
      kind: 'uniq',
      fields: args.length === 0 ? [] : await fields(args, reading),
    }),
  ],
  [
    'each',
    (args, { block }) => {
      if (block === null || args.length > 0) throw new UsageError('each takes a block: { LINE }');
      return Promise.resolve({ kind: 'each', block });
    },
  ],
  [
    'to',
    async (args, reading) => {
      const [text = ''] = await texts(args, reading);
      const { formatters } = reading.evaluation.shell.plugins;
      if (args.length === 1 && formatters.has(text)) return { kind: 'formatter', name: text };
      const format = FORMATS.find((one) => one === text);
      if (format === undefined || args.length !== 1) {
        throw new UsageError(`to takes one of ${[...FORMATS, ...formatters.keys()].join(', ')}`);
      }
      return { kind: 'to', format };
    },
  ],
  [
    'save',
    async (args, reading) => {
      const [file = '', ...others] = await texts(args, reading);
      if (file === '' || others.length > 0) throw new UsageError('save takes the name of a file');
      return { kind: 'save', file };
    },
  ],
  [
    'grep',
    async (args, reading) => {
      const words = await texts(args, reading);
      if (words.length === 0) throw new UsageError('grep takes a text');
      return { kind: 'grep', text: words.join(' ') };
    },
  ],
  [
    'watch',
    async (args, reading) => {
      const [text = '2'] = await texts(args, reading);
      const seconds = secondsOf(text);
      if (seconds === null || seconds <= 0) throw new UsageError('watch takes a time, such as 2s');
      return { kind: 'watch', everyMs: seconds * 1_000 };
    },
  ],
]);

async function texts(
  args: readonly Argument[],
  { name, evaluation }: Pick<Reading, 'name' | 'evaluation'>,
): Promise<readonly string[]> {
  const all: string[] = [];
  for (const argument of args) {
    if (argument.kind !== 'positional')
      throw new UsageError(`${name} does not take ${argument.name}`);
    all.push(await plainText(argument.value, evaluation));
  }
  return all;
}

/** `a,b c` are three. */
async function fields(args: readonly Argument[], reading: Reading): Promise<readonly string[]> {
  const words = await texts(args, reading);
  const names = words.flatMap((word) => word.split(',')).map((word) => word.trim());
  if (names.length === 0 || names.includes('')) {
    throw new UsageError(`${reading.name} takes names of properties, such as a,b`);
  }
  for (const name of names) {
    await propertyAt(reading.name === 'sort' ? name.replace(/^-/, '') : name, reading.shape);
  }
  return names;
}

async function oneField(args: readonly Argument[], reading: Reading): Promise<string> {
  const [name = '', ...others] = await fields(args, reading);
  if (others.length > 0) throw new UsageError(`${reading.name} takes one property`);
  return name;
}
