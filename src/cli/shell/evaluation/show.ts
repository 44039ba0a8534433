import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { CommandError, EXIT, UsageError } from '../../exit-status.js';
import { type Format, pagerOf, Printer, render, showInPager } from '../../output/index.js';
import type { TextStage } from '../stages/index.js';
import type { Evaluation } from './evaluation.js';
import { type Flow, NONE, valueOf } from './flow.js';
import { markdownTable } from './markdown.js';

/** As many rows are held before what follows is written as it comes. */
const HELD = 1_000;

/** Shows what a line has given, in the form that was asked for. */
export async function show(flow: Flow, { io, format, shell }: Evaluation): Promise<void> {
  if (flow.kind === 'none') return;
  if (flow.kind === 'text') {
    await write(io, flow.text);
    return;
  }
  const printer = new Printer(io, format);
  printer.pager = shell.session.cli.pager;
  if (flow.kind === 'value') {
    await printer.print(flow.value);
    return;
  }
  const { columns } = flow;
  const iterator = flow.rows[Symbol.asyncIterator]();
  try {
    const { rows, isAll } = await taken(iterator, isWhole(printer, io) ? Infinity : HELD);
    if (isAll) {
      await printer.print(rows, columns === null ? {} : { columns });
      return;
    }
    await streamed(rows, iterator, {
      io,
      format,
      isJson: printer.asked === null || printer.asked === 'json',
    });
  } finally {
    await iterator.return?.();
  }
}

/** A table has widths, and YAML and selections are made of all of it. */
function isWhole(printer: Printer, { output }: Evaluation['io']): boolean {
  const form = printer.asked ?? (output.isTTY === true ? 'table' : 'json');
  return form === 'table' || form === 'yaml';
}

async function taken(
  iterator: AsyncIterator<unknown>,
  limit: number,
): Promise<{ readonly rows: unknown[]; readonly isAll: boolean }> {
  const rows: unknown[] = [];
  while (rows.length < limit) {
    const next = await iterator.next();
    if (next.done === true) return { rows, isAll: true };
    rows.push(next.value);
  }
  return { rows, isAll: false };
}

interface Streaming {
  readonly io: Evaluation['io'];
  readonly format: Evaluation['format'];
  readonly isJson: boolean;
}

/** The rest as it comes: one JSON list, or a line for each. */
async function streamed(
  first: readonly unknown[],
  rest: AsyncIterator<unknown>,
  { io, format, isJson }: Streaming,
): Promise<void> {
  const printer = new Printer(io, format);
  if (!isJson) {
    await printer.printItems(first);
    for (;;) {
      const { rows, isAll } = await taken(rest, HELD);
      await printer.printItems(rows);
      if (isAll) return;
    }
  }
  const select = format.text('select')?.split(',') ?? null;
  let opening = '[\n';
  const put = async (rows: readonly unknown[]): Promise<void> => {
    for (const row of rows) {
      const text = (await render(row, { format: 'json', select })).trimEnd();
      await write(io, `${opening}${indented(text)}`);
      opening = ',\n';
    }
  };
  await put(first);
  for (;;) {
    const { rows, isAll } = await taken(rest, HELD);
    await put(rows);
    if (isAll) break;
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
      const lines = (await shownText(flow, evaluation)).split('\n');
      const found = lines.filter((line) => line.includes(stage.text));
      return { kind: 'text', text: found.map((line) => `${line}\n`).join('') };
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

/** As it would be shown here, in the form of the line. */
async function shownText(flow: Flow, evaluation: Evaluation): Promise<string> {
  if (flow.kind === 'text') return flow.text;
  const { io, format } = evaluation;
  const chunks: string[] = [];
  const output = new Writable({
    decodeStrings: false,
    write: (chunk: string | Buffer, _encoding, done) => {
      chunks.push(chunk.toString());
      done();
    },
  }) as Writable & { isTTY?: boolean; columns?: number };
  // as wide as the terminal, and never in a pager
  if (io.output.isTTY === true) output.isTTY = true;
  if (io.output.columns !== undefined) output.columns = io.output.columns;
  await show(flow, { ...evaluation, io: { ...io, output }, format });
  return chunks.join('');
}
