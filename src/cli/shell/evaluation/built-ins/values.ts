import { setTimeout as wait } from 'node:timers/promises';
import { CommandError, EXIT, UsageError } from '../../../exit-status.js';
import { jsonText } from '../../../output/index.js';
import { secondsOf } from '../../../values/index.js';
import type { Argument } from '../../grammar/index.js';
import { callMethod } from '../evaluation.js';
import { freeValue, plainText } from '../expand.js';
import { flowOf, NONE } from '../flow.js';
import { ExitRequest } from '../problem.js';
import { type BuiltIn, type BuiltInCall, doing, oneText, silently, texts } from './built-in.js';

const MAX_STATUS = 255;

/** `set a=1 b=$(…)`; alone it lists what there is. */
const set = doing(async ({ args, evaluation }) => {
  const { variables } = evaluation.shell;
  if (args.length === 0) return flowOf(Object.fromEntries(variables));
  const given = args.filter(isSetting);
  const isWhole = given.length === args.length;
  if (!isWhole) throw new UsageError('set takes names and values: set x=1, or set x = LINE');
  for (const { name, value } of given) variables.set(name, await freeValue(value, evaluation));
  return NONE;
});

const isSetting = (argument: Argument): argument is Extract<Argument, { kind: 'named' }> =>
  argument.kind === 'named' && argument.operator === '=' && /^\w+$/.test(argument.name);

const unset = silently(async (call) => {
  for (const name of await texts(call)) call.evaluation.shell.variables.delete(name);
});

/** Values as they are, with blanks between; one alone stays what it is. */
const echo = doing(async ({ args, evaluation }) => {
  const values: unknown[] = [];
  for (const argument of args) values.push(await echoed(argument, evaluation));
  const [only] = values;
  if (values.length === 1) return flowOf(only ?? null);
  const text = (value: unknown): string => (typeof value === 'string' ? value : jsonText(value));
  return flowOf(values.map(text).join(' '));
});

async function echoed(argument: Argument, evaluation: BuiltInCall['evaluation']): Promise<unknown> {
  const { kind } = argument;
  if (kind === 'positional') {
    const { value } = argument;
    return value.kind === 'bare' ? value.text : freeValue(value, evaluation);
  }
  const { text } = evaluation.script;
  return text.slice(argument.start, argument.end);
}

/** `alias NAME=LINE`, `alias NAME LINE`. */
const alias = doing(async ({ args, evaluation }) => {
  const { aliases } = evaluation.shell;
  if (args.length === 0) return flowOf(Object.fromEntries(aliases));
  const [only] = args;
  if (args.length !== 1 || only === undefined || !isSetting(only)) {
    throw new UsageError(
      "alias takes a name and a line in quotes: alias disks='storage device show'",
    );
  }
  aliases.set(only.name, await plainText(only.value, evaluation));
  return NONE;
});

const unalias = silently(async (call) => {
  for (const name of await texts(call)) {
    if (!call.evaluation.shell.aliases.delete(name))
      throw new UsageError(`There is no alias ${name}`);
  }
});

const exit: BuiltIn = silently(async (call) => {
  const [text = '0', ...others] = await texts(call);
  const status = Number(text);
  if (!/^\d+$/.test(text) || status > MAX_STATUS || others.length > 0) {
    throw new UsageError('exit takes a number from 0 to 255');
  }
  throw new ExitRequest(status);
});

const sleep = silently(async (call) => {
  const text = await oneText(call, 'a time, such as 5 or 500ms');
  const seconds = secondsOf(text);
  if (seconds === null)
    throw new UsageError(`sleep takes a time, such as 5 or 500ms, and not ${text}`);
  if (!call.evaluation.isDry)
    await wait(seconds * 1_000, undefined, { signal: call.evaluation.signal });
});

const whoami = doing(async ({ evaluation }) =>
  flowOf(await callMethod(evaluation, 'session.whoami')),
);
const plugins = doing(async ({ evaluation: { shell } }) => {
  await shell.loadPlugins();
  return flowOf(shell.plugins.records, ['name', 'state', 'about', 'from']);
});

const refresh = silently(async ({ evaluation: { shell, io } }) => {
  const gone = await shell.refresh();
  if (gone !== null) io.notices.write(`${gone} is not there any more\n`);
});

export const VALUES: readonly (readonly [string, BuiltIn])[] = [
  ['set', set],
  ['unset', unset],
  ['echo', echo],
  ['alias', alias],
  ['unalias', unalias],
  ['exit', exit],
  ['sleep', sleep],
  ['whoami', whoami],
  ['plugins', plugins],
  ['refresh', refresh],
  ['true', silently(() => undefined)],
  [
    'false',
    silently(() => {
      throw new CommandError(EXIT.failed, '');
    }),
  ],
];
