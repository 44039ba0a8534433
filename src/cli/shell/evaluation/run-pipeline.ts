import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError, EXIT, UsageError } from '../../exit-status.js';
import { Options } from '../../arguments/index.js';
import type { Argument, Pipeline, Redirection } from '../grammar/index.js';
import {
  pushDown,
  queryArguments,
  rowOf,
  type RowStage,
  runStages,
  type Shape,
  shapeBehind,
} from '../stages/index.js';
import { commandSource } from './command-source.js';
import { callMethod, type Evaluation } from './evaluation.js';
import { plainText } from './expand.js';
import { eachFlow } from './each.js';
import { type Flow, flowOf, valueOf } from './flow.js';
import { formatterFlow, pluginStageFlow } from './plugin-stage.js';
import type { PreparedPipeline, ReadStage } from './prepared-pipeline.js';
import { placed } from './problem.js';
import { isRowStage, readStage } from './read-stage.js';
import { show, textFlow } from './show.js';

/** Flags of a line that say how its answer is shown. */
const SHOW_FLAGS: ReadonlySet<string> = new Set([
  ...['json', 'yaml', 'csv', 'ndjson', 'table', 'select', 'wrap'],
]);

/** Carries a pipeline out and shows what comes of it. @throws PlacedError */
export async function runPipeline(pipeline: Pipeline, evaluation: Evaluation): Promise<void> {
  await atPlace(pipeline, evaluation, async () => {
    const around = await redirected(pipeline.redirection, evaluation);
    try {
      const { plain, format } = takeFlags(pipeline, evaluation);
      const inner = { ...evaluation, format, io: around.io };
      const { stages } = await preparedStages(plain, inner);
      const watch = stages.find((stage) => stage.kind === 'watch');
      for (;;) {
        await show(await flowOfPipeline(plain, inner), inner);
        if (watch === undefined) return;
        await sleep(watch.everyMs, undefined, { signal: evaluation.signal });
      }
    } finally {
      await around.end();
    }
  });
}

/** What a pipeline gives, as one value, and nothing is shown. */
export async function captured(pipeline: Pipeline, evaluation: Evaluation): Promise<unknown> {
  return atPlace(pipeline, evaluation, async () => {
    const { plain, format } = takeFlags(pipeline, evaluation);
    if (pipeline.redirection !== null) throw new UsageError('In $(…) nothing goes to a file');
    return valueOf(await flowOfPipeline(plain, { ...evaluation, format, isBackground: false }));
  });
}

async function atPlace<T>(
  { start }: Pipeline,
  { script }: Evaluation,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw placed(error, script, start);
  }
}

/** The words without `--json` and the like, wherever in the line they stand. */
function takeFlags(
  pipeline: Pipeline,
  { format }: Evaluation,
): { readonly plain: Pipeline; readonly format: Options } {
  const taken: (readonly [string, string])[] = [];
  const keep = (word: Argument): boolean => {
    if (word.kind !== 'flag' || !SHOW_FLAGS.has(word.name)) return true;
    taken.push([word.name, flagText(word)]);
    return false;
  };
  const { command, stages } = pipeline;
  const plain: Pipeline = {
    ...pipeline,
    command: { ...command, words: command.words.filter(keep) },
    stages: stages.map((stage) => ({ ...stage, words: stage.words.filter(keep) })),
  };
  if (taken.length === 0) return { plain, format };
  const isForm = taken.some(([name]) => name !== 'select' && name !== 'wrap');
  const select = format.text('select');
  const base = isForm
    ? new Options(new Map(select === null ? [] : [['select', [select]]]))
    : format;
  return { plain, format: base.with(taken) };
}

function flagText({ name, value }: Extract<Argument, { kind: 'flag' }>): string {
  if (value === null) return '';
  if (value.kind === 'bare') return value.text;
  const [part = ''] = value.kind === 'quoted' ? value.parts : [];
  if (typeof part === 'string') return part;
  throw new UsageError(`--${name} takes a plain text`);
}

/** What a pipeline would do: nothing has been called but what stands in `$(…)`. */
export async function preparedPipeline(
  pipeline: Pipeline,
  evaluation: Evaluation,
): Promise<PreparedPipeline> {
  const source = await commandSource(pipeline, evaluation);
  const isAboutLine = source.kind === 'action' && source.takesLine === true;
  const stages = isAboutLine ? [] : await readStages(pipeline, source.shape, evaluation);
  if (source.kind !== 'query') return { source, stages, draft: null, pushed: 0 };
  const end = stages.findIndex((stage) => !isRowStage(stage));
  const rows = (end === -1 ? stages : stages.slice(0, end)) as readonly RowStage[];
  const { draft, pushed } = pushDown(rows, source.draft);
  return { source, stages, draft, pushed };
}

/** The stages alone: none of their arguments is asked for twice. */
async function preparedStages({ stages }: Pipeline, evaluation: Evaluation) {
  const watch = stages.filter(({ words }) => isWord(words[0], 'watch'));
  const read: ReadStage[] = [];
  for (const stage of watch) read.push(await readStage(stage, NO_SHAPE, evaluation));
  return { stages: read };
}

const NO_SHAPE: Shape = { properties: null, definitions: {} };
const isWord = (word: Argument | undefined, text: string): boolean =>
  word?.kind === 'positional' && word.value.kind === 'bare' && word.value.text === text;

async function readStages(
  { stages }: Pipeline,
  start: Shape,
  evaluation: Evaluation,
): Promise<readonly ReadStage[]> {
  const read: ReadStage[] = [];
  let shape = start;
  for (const stage of stages) {
    const one = await readStage(stage, shape, evaluation);
    shape = isRowStage(one) ? shapeBehind(one, shape) : NO_SHAPE;
    read.push(one);
  }
  return read;
}

/** What comes out at the end of the stages. */
export async function flowOfPipeline(pipeline: Pipeline, evaluation: Evaluation): Promise<Flow> {
  const prepared = await preparedPipeline(pipeline, evaluation);
  let flow = await sourceFlow(prepared, evaluation);
  const rest = prepared.stages.slice(prepared.pushed);
  for (let at = 0; at < rest.length; at += 1) {
    const stage = rest[at];
    if (stage === undefined || stage.kind === 'watch') continue;
    if (isRowStage(stage)) {
      let end = at;
      while (end < rest.length && isRowStage(rest[end] as ReadStage)) end += 1;
      flow = await rowStages(flow, rest.slice(at, end) as readonly RowStage[]);
      at = end - 1;
    } else if (stage.kind === 'each') {
      flow = eachFlow(flow, stage.block, evaluation);
    } else if (stage.kind === 'plugin') {
      flow = await pluginStageFlow(flow, stage, evaluation);
    } else if (stage.kind === 'formatter') {
      flow = await formatterFlow(flow, stage.name, evaluation);
    } else {
      flow = await textFlow(flow, stage, evaluation);
    }
  }
  return flow;
}

async function sourceFlow(
  { source, draft }: PreparedPipeline,
  evaluation: Evaluation,
): Promise<Flow> {
  if (source.kind === 'action') return source.run();
  const query = draft ?? source.draft;
  const answer = await callMethod(evaluation, source.method.method, queryArguments(query));
  if (!Array.isArray(answer)) return { kind: 'value', value: answer };
  return flowOf(
    query.outcome.kind === 'select' ? answer.map((row) => rowOf(query, row)) : answer,
    query.outcome.kind === 'rows' || draft === source.draft ? source.columns : null,
  );
}

async function rowStages(flow: Flow, stages: readonly RowStage[]): Promise<Flow> {
  const [first] = stages;
  if (flow.kind === 'none')
    throw new UsageError(`${first?.kind ?? ''} works on rows, and there are none`);
  if (flow.kind === 'text')
    throw new UsageError(`${first?.kind ?? ''} works on rows, and this is text`);
  const isShaped = stages.every(({ kind }) => !['select', 'get', 'group'].includes(kind));
  const columns = flow.kind === 'rows' && isShaped ? flow.columns : null;
  const done = await runStages(flow, stages);
  return done.kind === 'rows' ? { ...done, columns } : done;
}

interface Around {
  readonly io: Evaluation['io'];
  readonly end: () => Promise<void>;
}

async function redirected(
  redirection: Redirection | null,
  evaluation: Evaluation,
): Promise<Around> {
  const { io, shell } = evaluation;
  if (redirection === null) return { io, end: () => Promise.resolve() };
  const path = await plainText(redirection.file, evaluation);
  if (!shell.options.hasFiles) throw new UsageError(`> ${path}: files are left alone here`);
  const stream = createWriteStream(path, { flags: redirection.mode === 'append' ? 'a' : 'w' });
  try {
    await once(stream, 'open');
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
  let failure: unknown = null;
  stream.on('error', (error) => {
    failure = error;
  });
  const end = async (): Promise<void> => {
    stream.end();
    await once(stream, 'close');
    if (failure !== null) throw cannotWrite(path, failure);
  };
  return { io: { ...io, output: stream }, end };
}

function cannotWrite(path: string, cause: unknown): CommandError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new CommandError(EXIT.failed, `${path} cannot be written: ${code ?? message}`, { cause });
}
