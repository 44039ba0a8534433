import { once } from 'node:events';
import { UsageError } from '../../../exit-status.js';
import { type Item, itemsOf, jsonOf, textOf } from '../../../events/listen.command.js';
import { withArgumentNames } from '../../../call/bound-arguments.js';
import { eventSignature } from '../../../events/emit.command.js';
import { jsonText } from '../../../output/index.js';
import { isSchema } from '../../../values/index.js';
import type { ShellIo } from '../../shell-io.js';
import { boundCall } from '../bound-call.js';
import { connected } from '../evaluation.js';
import { plainText } from '../expand.js';
import { NONE } from '../flow.js';
import { argumentNames, readWords } from '../read-words.js';
import { type BuiltIn, doing, flagText, silently, texts, withoutFlags } from './built-in.js';

const FLAGS = ['since', 'count'] as const;

/** Until ^C, or until there were so many; a line each where nothing stands behind it. */
const watch: BuiltIn = doing(async (call) => {
  const { evaluation, pipeline } = call;
  const { shell, signal, io, format } = evaluation;
  const masks = await texts({ ...call, args: withoutFlags(call.args, FLAGS) });
  if (masks.length === 0) throw new UsageError("watch takes names of events, such as 'task.*'");
  const since = await flagText(call, 'since');
  const count = countOf(await flagText(call, 'count'));
  if (evaluation.isDry) return NONE;
  await connected(evaluation);
  const { client, call: ask } = shell.session;
  const items = counted(itemsOf({ client, call: ask, signal }, masks, since), count);
  if (pipeline.stages.length > 0) return { kind: 'rows', rows: rowsOf(items, io), columns: null };
  const isJson = format.has('json') || format.has('ndjson');
  for await (const item of items) {
    const told = item.kind === 'event' && !isJson ? shell.plugins.noticeOf(item.event) : null;
    if (!io.output.write(`${isJson ? jsonOf(item) : (told ?? textOf(item))}\n`)) {
      await once(io.output, 'drain', { signal });
    }
  }
  return NONE;
});

function countOf(text: string | null): number {
  if (text === null) return Infinity;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--count: a number of events, got ${JSON.stringify(text)}`);
}

async function* counted(items: AsyncIterable<Item>, count: number) {
  let left = count;
  for await (const item of items) {
    yield item;
    if (item.kind === 'event') left -= 1;
    if (left === 0) return;
  }
}

/** Of a gap the person is told: the stages behind it expect events. */
async function* rowsOf(items: AsyncIterable<Item>, { notices }: Pick<ShellIo, 'notices'>) {
  for await (const item of items) {
    if (item.kind === 'event') {
      const { name, args, cursor } = item.event;
      yield { name, args, cursor };
    } else {
      notices.write(`${textOf(item)}\n`);
    }
  }
}

const emit = silently(async ({ args, evaluation }) => {
  const [first, ...rest] = args;
  if (first?.kind !== 'positional') throw new UsageError('emit takes the name of an event first');
  const name = await plainText(first.value, evaluation);
  await connected(evaluation);
  const { session } = evaluation.shell;
  const signature = await eventSignature(session, name);
  const words = await readWords(rest, argumentNames(signature), evaluation);
  const bound = await boundCall(words, { signature, least: 0 }, evaluation);
  const [only = {}] = Array.isArray(bound.args) ? (bound.args as readonly unknown[]) : [bound.args];
  if (!isSchema(only)) throw new UsageError('The arguments of an event have names: name=value');
  if (evaluation.isDry) {
    evaluation.io.output.write(`emit ${name} ${jsonText(only)}\n`);
    return;
  }
  await withArgumentNames(bound.names, () => session.client.events.publishConfirmed(name, only));
});

export const EVENTS: readonly (readonly [string, BuiltIn])[] = [
  ['watch', watch],
  ['emit', emit],
];
