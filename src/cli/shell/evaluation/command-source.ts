import { UsageError } from '../../exit-status.js';
import { noSuch } from '../../no-such.js';
import { rowProperties } from '../../values/index.js';
import { parseScript } from '../grammar/index.js';
import type { Argument, Command, Pipeline } from '../grammar/index.js';
import {
  type Callable,
  derivedCommands,
  type PathWord,
  pathText,
  type Place,
  type Resolved,
  resolveWords,
  topOf,
} from '../namespaces/index.js';
import { EMPTY_QUERY, UNKNOWN_SHAPE } from '../stages/index.js';
import { BUILT_INS } from '../words-table.js';
import { boundCall } from './bound-call.js';
import { BUILT_IN_RUNS } from './built-ins/index.js';
import { derivedSource } from './entity-commands.js';
import type { Evaluation } from './evaluation.js';
import { freeValue, plainText } from './expand.js';
import { flowOf, NONE } from './flow.js';
import { goTo } from './go-to.js';
import { actionOf } from './invoke.js';
import { pluginSource } from './plugin-command.js';
import { argumentNames, readWords, refuseOptions } from './read-words.js';
import type { Source } from './source.js';
import { refuseConditions } from './stage-hint.js';

const BUILT_IN_NAMES: ReadonlySet<string> = new Set(BUILT_INS.keys());
const MAX_ALIASES = 10;

/** What a command would do. @throws UsageError for one that there is none of */
export async function commandSource(
  pipeline: Pipeline,
  evaluation: Evaluation,
  depth = 0,
): Promise<Source> {
  const { command } = withHelpFirst(pipeline);
  const [first] = command.words;
  const isValue =
    first?.kind === 'positional' &&
    !command.isAbsolute &&
    ['list', 'object', 'output', 'variable', 'status'].includes(first.value.kind);
  if (isValue) return valueSource(command.words, evaluation);
  const alias = aliasOf(first, evaluation);
  if (alias !== null && !command.isAbsolute) {
    if (depth >= MAX_ALIASES) throw new UsageError(`The alias ${alias} leads to itself`);
    return aliasSource(alias, pipeline, { evaluation, depth });
  }
  const resolved = await resolvedCommand(command, evaluation);
  return resolvedSource(resolved, command.words.slice(resolved.used), evaluation, {
    ...pipeline,
    command,
  });
}

/** `system load ?` asks for help, as `help system load` does; where `?` is meant as a text it stands in quotes. */
function withHelpFirst(pipeline: Pipeline): Pipeline {
  const { command } = pipeline;
  const [first, ...rest] = command.words;
  const last = rest.pop();
  if (first?.kind !== 'positional' || first.value.kind !== 'bare') return pipeline;
  if (last?.kind !== 'positional' || last.value.kind !== 'bare' || last.value.text !== '?') {
    return pipeline;
  }
  const text = command.isAbsolute ? `/${first.value.text}` : first.value.text;
  const help: Argument = { ...first, value: { ...first.value, text: 'help' } };
  const place: Argument = { ...first, value: { ...first.value, text } };
  return { ...pipeline, command: { ...command, isAbsolute: false, words: [help, place, ...rest] } };
}

/** Names of the server go before aliases, too. */
function aliasOf(word: Argument | undefined, { shell }: Evaluation): string | null {
  if (word?.kind !== 'positional' || word.value.kind !== 'bare') return null;
  const { text } = word.value;
  if (!shell.aliases.has(text)) return null;
  const { namespace, item } = shell.place;
  const isTaken = item === null && (namespace.children.has(text) || namespace.commands.has(text));
  return isTaken ? null : text;
}

async function aliasSource(
  name: string,
  { command }: Pipeline,
  { evaluation, depth }: { readonly evaluation: Evaluation; readonly depth: number },
): Promise<Source> {
  const text = evaluation.shell.aliases.get(name) ?? '';
  const { statements, problems } = parseScript(text);
  const [only] = statements;
  const isPlain = problems.length === 0 && statements.length === 1 && only?.kind === 'sequence';
  if (!isPlain || only.rest.length > 0) {
    throw new UsageError(`The alias ${name} is no line with one command: ${text}`);
  }
  const { first } = only;
  const whole: Pipeline = {
    ...first,
    command: { ...first.command, words: [...first.command.words, ...command.words.slice(1)] },
  };
  if (first.stages.length === 0) return commandSource(whole, evaluation, depth + 1);
  return {
    kind: 'action',
    what: text,
    where: 'client',
    shape: UNKNOWN_SHAPE,
    run: () => evaluation.runner.flow(whole, evaluation),
  };
}

/** Resolved by what is known of the server; a word that is not known is asked for anew, once. */
async function resolvedCommand(command: Command, evaluation: Evaluation): Promise<Resolved> {
  const { shell } = evaluation;
  const words = await pathWords(command.words, evaluation);
  const resolve = (): Resolved =>
    resolveWords(words, {
      root: shell.root,
      place: shell.place,
      isAbsolute: command.isAbsolute,
      builtIns: BUILT_IN_NAMES,
    });
  let found = resolve();
  if (found.kind === 'unknown' && (await shell.loadPlugins())) found = resolve();
  if (found.kind !== 'unknown' || !(await shell.refreshIfOld())) return found;
  return resolve();
}

async function pathWords(
  words: readonly Argument[],
  evaluation: Evaluation,
): Promise<readonly (PathWord | null)[]> {
  const path: (PathWord | null)[] = [];
  for (const word of words) {
    const isText =
      word.kind === 'positional' &&
      (word.value.kind === 'bare' ||
        word.value.kind === 'quoted' ||
        word.value.kind === 'variable');
    if (!isText) return [...path, null];
    const { value } = word;
    // commands in a text run when it is used, and not to find out what it is
    const isQuick =
      value.kind !== 'quoted' ||
      value.parts.every((part) => typeof part === 'string' || part.kind !== 'output');
    if (!isQuick) return [...path, null];
    const text = await plainText(value, evaluation).catch(() => null);
    path.push(text === null ? null : { text, isLiteral: value.kind !== 'bare' });
  }
  return path;
}

async function resolvedSource(
  resolved: Resolved,
  args: readonly Argument[],
  evaluation: Evaluation,
  pipeline: Pipeline,
): Promise<Source> {
  switch (resolved.kind) {
    case 'callable':
      return callableSource(resolved, args, evaluation);
    case 'derived':
      return derivedSource({ command: resolved.command, place: resolved.place, args }, evaluation);
    case 'built-in': {
      const name = BUILT_INS.get(resolved.name)?.aliasOf ?? resolved.name;
      const isSet = name === 'set' && derivedCommands(evaluation.shell.place).includes('set');
      if (isSet) {
        return derivedSource({ command: 'set', place: evaluation.shell.place, args }, evaluation);
      }
      if (BUILT_INS.get(name)?.usage === '' && args.length > 0) {
        throw new UsageError(`${name} takes nothing`);
      }
      const run = BUILT_IN_RUNS.get(name);
      if (run === undefined) throw new UsageError(`${name} is for a terminal`);
      return run({ name, args, evaluation, pipeline });
    }
    case 'place':
      return placeSource(resolved.place, args, evaluation);
    case 'unknown':
      throw await unknownWord(resolved, evaluation);
  }
}

async function callableSource(
  { callable, place, isVerb }: Extract<Resolved, { kind: 'callable' }>,
  args: readonly Argument[],
  evaluation: Evaluation,
): Promise<Source> {
  const { signature, least } = callable;
  if (callable.kind === 'method' && callable.isQuery) refuseConditions(args, callable);
  const given = await readWords(args, argumentNames(signature), evaluation);
  const key = { name: null, value: { kind: 'quoted', text: place.item ?? '' } } as const;
  const words = isVerb ? [key, ...given] : given;
  if (callable.kind === 'plugin') return pluginSource(callable, words, evaluation);
  const shape = shapeOf(callable);
  if (callable.kind === 'method' && callable.isQuery && words.length === 0) {
    return { kind: 'query', method: callable, draft: EMPTY_QUERY, shape, columns: null };
  }
  const bound = await boundCall(words, { signature, least }, evaluation);
  return actionOf(callable, bound, { evaluation, shape });
}

function shapeOf(callable: Callable) {
  if (callable.kind !== 'method') return UNKNOWN_SHAPE;
  const { definitions } = callable.signature;
  return { properties: rowProperties(callable.result, definitions), definitions };
}

/** A path without a command goes there. */
function placeSource(place: Place, args: readonly Argument[], evaluation: Evaluation): Source {
  refuseOptions(args);
  if (args.length > 0) {
    throw new UsageError(
      `${pathText(place)} is a place: a command is missing before the arguments`,
    );
  }
  return {
    kind: 'action',
    what: `go to ${pathText(place)}`,
    where: 'client',
    shape: UNKNOWN_SHAPE,
    run: async () => {
      await goTo(place, evaluation);
      return NONE;
    },
  };
}

async function unknownWord(
  { word, place }: Extract<Resolved, { kind: 'unknown' }>,
  { shell }: Evaluation,
): Promise<UsageError> {
  const { namespace } = place;
  const known = [
    ...namespace.children.keys(),
    ...namespace.commands.keys(),
    ...derivedCommands(place),
    ...(place === shell.place ? [...BUILT_IN_NAMES, ...shell.aliases.keys()] : []),
  ];
  const isPath = word.includes('/') && word !== '/';
  const where = place.namespace === topOf(shell.root).namespace ? '' : ` in ${pathText(place)}`;
  if (isPath) {
    return new UsageError(`${JSON.stringify(word)}: words of a path stand apart, or cd goes there`);
  }
  return noSuch(`There is no ${JSON.stringify(word)}${where}`, word, known);
}

const COMPARE: ReadonlyMap<string, (a: unknown, b: unknown) => boolean> = new Map([
  ['==', (a, b) => JSON.stringify(a) === JSON.stringify(b)],
  ['!=', (a, b) => JSON.stringify(a) !== JSON.stringify(b)],
  ['-lt', (a, b) => (a as number) < (b as number)],
  ['-le', (a, b) => (a as number) <= (b as number)],
  ['-gt', (a, b) => (a as number) > (b as number)],
  ['-ge', (a, b) => (a as number) >= (b as number)],
  ['~=', (a, b) => new RegExp(String(b), 'v').test(String(a))],
  ['in', (a, b) => Array.isArray(b) && b.includes(a)],
  [
    'contains',
    (a, b) => (typeof a === 'string' ? a.includes(String(b)) : Array.isArray(a) && a.includes(b)),
  ],
]);

/** A value in place of a command: `$x | count`; with a sign and another, whether it holds. */
function valueSource(words: readonly Argument[], evaluation: Evaluation): Source {
  return {
    kind: 'action',
    what: 'a value',
    where: 'client',
    shape: UNKNOWN_SHAPE,
    run: async () => {
      refuseOptions(words);
      const values = words.filter((word) => word.kind === 'positional').map(({ value }) => value);
      const [left, sign, right, ...others] = values;
      if (left === undefined) return NONE;
      const value = await freeValue(left, evaluation);
      if (sign === undefined) return flowOf(value);
      const name = sign.kind === 'bare' ? sign.text : '';
      const compare = COMPARE.get(name);
      if (compare === undefined || right === undefined || others.length > 0) {
        throw new UsageError(
          `A value is compared by one of ${[...COMPARE.keys()].join(' ')}, and a value`,
        );
      }
      return flowOf(compare(value, await freeValue(right, evaluation)));
    },
  };
}
