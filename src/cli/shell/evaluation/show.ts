import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { CommandError, EXIT, UsageError } from '../../exit-status.js';
import {
  type Format,
  pagerOf,
  Printer,
  type PrintOptions,
  render,
  showInPager,
} from '../../output/index.js';
import type { TextStage } from '../stages/index.js';
import type { Evaluation } from './evaluation.js';
import { type Flow, NONE, valueOf, wholeText } from './flow.js';
import { markdownTable } from './markdown.js';
import { type RowBatch, RowBatches } from './row-batches.js';

/** As many rows are held before what follows is written as it comes; more where all of them give the form. */
const HELD = 1_000;
const HELD_WHOLE = 100_000;

/** Shows what a line has given, in the form that was asked for. */
export async function show(flow: Flow, { io, format, shell }: Evaluation): Promise<void> {
  if (flow.kind === 'none') return;
  const printer = new Printer(io, format);
  printer.pager = shell.session.cli.pager;
  if (flow.kind === 'text') {
    if (typeof flow.text === 'string') await printer.printText(flow.text);
    else await pieces(flow.text, { printer, io });
    return;
  }
  if (flow.kind === 'value') {
    await printer.print(flow.value);
    return;
  }
  const { columns } = flow;
  const batches = new RowBatches(flow.rows);
  try {
    const form = formOf(printer, io);
    const first = await batches.take(form === 'table' || form === 'yaml' ? HELD_WHOLE : HELD);
    const options = columns === null ? {} : { columns };
    if (first.isAll) await printer.print(first.rows, options);
    else if (form === 'json') await jsonList(first, batches, { io, format });
    else await lines(first, batches, { printer, options });
  } finally {
    await batches.close();
  }
}

/** A table has widths, and YAML is made of all of it. */
function formOf({ asked }: Printer, { output }: Evaluation['io']): Format {
  return asked ?? (output.isTTY === true ? 'table' : 'json');
}

interface Lines {
  readonly printer: Printer;
  readonly options: PrintOptions;
}

/** A line for each, or rows of a table, as they come. */
async function lines(
  first: RowBatch,
  rest: RowBatches,
  { printer, options }: Lines,
): Promise<void> {
  for (let batch = first; ; batch = await rest.take(HELD)) {
    await printer.printMore(batch.rows, options);
    if (batch.isAll) return;
  }
}

/** A text as it comes; one that is there at once is handed to the pager where it is long. */
async function pieces(
  text: AsyncIterable<string>,
  { printer, io }: { readonly printer: Printer; readonly io: Evaluation['io'] },
): Promise<void> {
  const batches = new RowBatches(text);
  try {
    for (let isFirst = true; ; isFirst = false) {
      const { rows, isAll } = await batches.take(HELD);
      if (isFirst && isAll) await printer.printText(rows.join(''));
      else await write(io, rows.join(''));
      if (isAll) return;
    }
  } finally {
    await batches.close();
  }
}

/** One JSON list, as it comes. */
async function jsonList(
  first: RowBatch,
  rest: RowBatches,
  { io, format }: Pick<Evaluation, 'io' | 'format'>,
): Promise<void> {
  const select = format.text('select')?.split(',') ?? null;
  let opening = '[\n';
  for (let batch = first; ; batch = await rest.take(HELD)) {
    for (const row of batch.rows) {
      const text = (await render(row, { format: 'json', select })).trimEnd();
      await write(io, `${opening}${indented(text)}`);
      opening = ',\n';
    }
    if (batch.isAll) break;
  }
  await write(io, '\n]\n');
}

const indented = (text: string): string => text.replace(/^/gm, '  ');

async function write({ output, signal }: Evaluation['io'], text: string): Promise<void> {
  if (!output.write(text)) await once(output, 'drain', { signal });
}

/** What a stage makes of the text of an answer. */
export async function textFlow(
  flow: Flow,
  stage: TextStage,
  evaluation: Evaluation,
): Promise<Flow> {
  switch (stage.kind) {
    case 'to':
      return { kind: 'text', text: await formatted(flow, stage.format) };
    case 'grep': {
      return { kind: 'text', text: linesWith(stage.text, shownPieces(flow, evaluation)) };
    }
    case 'save': {
      const { shell } = evaluation;
      if (!shell.options.hasFiles)
        throw new UsageError(`save ${stage.file}: files are left alone here`);
      const text = await shownText(flow, evaluation);
      try {
        writeFileSync(stage.file, text);
      } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException;
        throw new CommandError(EXIT.failed, `${stage.file} cannot be written: ${code ?? message}`, {
          cause,
        });
      }
      return NONE;
    }
    case 'less': {
      const { io, shell } = evaluation;
      const text = await shownText(flow, evaluation);
      const isOnTerminal = io.output.isTTY === true && io.input.isTTY === true;
      const pager = isOnTerminal ? pagerOf(io.env, shell.session.cli.pager) : null;
      if (pager !== null && (await showInPager(text, pager, io.lend))) return NONE;
      return { kind: 'text', text };
    }
  }
}

async function formatted(flow: Flow, format: Format | 'md'): Promise<string> {
  if (flow.kind === 'text') throw new UsageError(`to ${format} works on rows, and this is text`);
  const value = await valueOf(flow);
  if (format === 'md') return markdownTable(value);
  return render(value, { format, columns: flow.kind === 'rows' ? flow.columns : null });
}

const shownText = (flow: Flow, evaluation: Evaluation): Promise<string> =>
  wholeText(shownPieces(flow, evaluation));

/** As it would be shown here, in the form of the line. */
async function* shownPieces(flow: Flow, evaluation: Evaluation): AsyncGenerator<string> {
  if (flow.kind === 'text') {
    if (typeof flow.text === 'string') yield flow.text;
    else yield* flow.text;
    return;
  }
  const { io, format } = evaluation;
  const output = new PassThrough({ encoding: 'utf8' }) as PassThrough & {
    isTTY?: boolean;
    columns?: number;
  };
  // as wide as the terminal, and never in a pager
  if (io.output.isTTY === true) output.isTTY = true;
  if (io.output.columns !== undefined) output.columns = io.output.columns;
  let failure: { readonly error: unknown } | null = null;
  const shown = show(flow, { ...evaluation, io: { ...io, output }, format })
    .catch((error: unknown) => {
      failure = { error };
    })
    .finally(() => output.end());
  for await (const piece of output) yield piece as string;
  await shown;
  const failed = failure as { readonly error: unknown } | null; // what is before it has been given
  if (failed !== null) throw failed.error;
}

async function* linesWith(text: string, from: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of from) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    const found = lines.filter((line) => line.includes(text));
    if (found.length > 0) yield found.map((line) => `${line}\n`).join('');
  }
  if (rest !== '' && rest.includes(text)) yield `${rest}\n`;
}
