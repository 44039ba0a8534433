import { argumentRows, argumentTable, exampleOf } from '../../../discovery/argument-table.js';
import { CommandError, EXIT, UsageError } from '../../../exit-status.js';
import { printableLines } from '../../../output/index.js';
import { describeSchema } from '../../../values/index.js';
import {
  type Callable,
  type DerivedCommand,
  derivedCommands,
  nearestPlace,
  parentOf,
  pathText,
  type Place,
  resolveWords,
  topOf,
  wordsOf,
} from '../../namespaces/index.js';
import type { PluginStage } from '../../plugins/index.js';
import { BUILT_INS, STAGES } from '../../words-table.js';
import type { Evaluation } from '../evaluation.js';
import { flowOf } from '../flow.js';
import { goTo } from '../go-to.js';
import { type BuiltIn, doing, silently, texts } from './built-in.js';

const toTop = silently(({ evaluation: { shell } }) => shell.goTo(topOf(shell.root)));
const up = silently(({ evaluation: { shell } }) => shell.goTo(parentOf(shell.root, shell.place)));
const back = silently(({ evaluation: { shell } }) => shell.goTo(shell.placeBefore));

const cd = silently(async (call) => {
  const { evaluation } = call;
  const words = await texts(call);
  await goTo(placeOf(words, evaluation), evaluation);
});

/** Words, or one path with slashes. @throws CommandError where nothing is */
export function placeOf(words: readonly string[], { shell }: Evaluation): Place {
  const { root } = shell;
  const [first = '/'] = words;
  if (words.length === 1 && first === '-') return shell.placeBefore;
  const isSlashed = words.length <= 1;
  const isAbsolute = isSlashed && first.startsWith('/');
  const steps = isSlashed ? first.split('/').filter((step) => step !== '') : words;
  let place = isAbsolute ? topOf(root) : shell.place;
  for (const step of steps) {
    if (step === '.') continue;
    if (step === '..') {
      place = parentOf(root, place);
      continue;
    }
    const next = nearestPlace(root, [...wordsOf(place), step]);
    if (!next.isWhole || place.item !== null) {
      throw new CommandError(EXIT.usage, `There is no ${step} in ${pathText(place)}`);
    }
    ({ place } = next);
  }
  return place;
}

const ls = doing(async (call) => {
  await call.evaluation.shell.loadPlugins();
  const words = await texts(call);
  const place = words.length === 0 ? call.evaluation.shell.place : placeOf(words, call.evaluation);
  return flowOf(contentsOf(place), ['name', 'kind', 'description']);
});

interface Listed {
  readonly name: string;
  readonly kind: string;
  readonly description: string;
}

function contentsOf(place: Place): readonly Listed[] {
  const { namespace, item } = place;
  const derived = derivedCommands(place).map((name) => ({
    name,
    kind: 'command',
    description: DERIVED[name],
  }));
  const callables = item === null ? namespace.commands : (namespace.entity?.verbs ?? new Map());
  const commands = [...callables.values()]
    .filter(({ name }: Callable) => !derived.some((one) => one.name === name))
    .map(({ name, kind, description }: Callable) => ({ name, kind, description }));
  if (item !== null) return [...derived, ...commands];
  const children = [...namespace.children.values()].map((child) => ({
    name: child.name,
    kind: child.entity === null ? 'namespace' : 'entity',
    description:
      child.description || [...child.children.keys(), ...child.commands.keys()].join(' '),
  }));
  return [...children, ...derived, ...commands];
}

const DERIVED: Readonly<Record<DerivedCommand, string>> = {
  show: 'Shows rows: show FILTER..., show a,b, show *',
  create: 'Makes one',
  get: 'Shows a property',
  set: 'Changes properties: set a=1 tags+=x tags-=y',
  edit: 'Changes a property in $EDITOR',
  delete: 'Deletes it',
};

const help: BuiltIn = doing(async (call) => {
  const { shell } = call.evaluation;
  await shell.loadPlugins();
  const words = await texts(call);
  const [first] = words;
  const path = first?.startsWith('/') === true ? [first.slice(1), ...words.slice(1)] : words;
  const resolved = resolveWords(
    path.filter((text) => text !== '').map((text) => ({ text, isLiteral: false })),
    {
      root: shell.root,
      place: shell.place,
      isAbsolute: path !== words,
      builtIns: new Set([...BUILT_INS.keys()]),
    },
  );
  switch (resolved.kind) {
    case 'callable':
      return text(callableHelp(resolved.callable));
    case 'derived': {
      const { create } = resolved.place.namespace.entity ?? {};
      if (resolved.command === 'create' && create != null) return text(callableHelp(create));
      return text(`${resolved.command}\n  ${DERIVED[resolved.command]}\n`);
    }
    case 'built-in':
      return text(wordHelp(resolved.name));
    case 'place':
      return text(placeHelp(resolved.place, shell.plugins.stages));
    case 'unknown':
      if (STAGES.has(resolved.word)) return text(wordHelp(resolved.word));
      if (shell.plugins.stages.has(resolved.word)) {
        return text(stageHelp(shell.plugins.stages.get(resolved.word)));
      }
      throw new UsageError(`There is no ${JSON.stringify(resolved.word)} to tell of`);
  }
});

const text = (lines: string) => ({ kind: 'text', text: printableLines(lines) }) as const;

function wordHelp(name: string): string {
  const built = BUILT_INS.get(name);
  const stage = STAGES.get(name);
  const part = (prefix: string, spec: typeof built): string =>
    spec === undefined ? '' : `${`${prefix}${name} ${spec.usage}`.trimEnd()}\n  ${spec.summary}\n`;
  return part('', built) + part('| ', stage);
}

function placeHelp(place: Place, stages: ReadonlyMap<string, PluginStage>): string {
  const listed = contentsOf(place);
  const row = (name: string, about: string): string => `  ${name.padEnd(WIDTH)} ${about}`.trimEnd();
  const words = [...BUILT_INS].filter(([, { aliasOf }]) => aliasOf === undefined);
  return `${[
    pathText(place),
    ...listed.map(({ name, description }) => row(name, description)),
    '',
    'Everywhere (.NAME where the server has the name):',
    ...words.map(([name, { usage, summary }]) => row(`${name} ${usage}`, summary)),
    '',
    'Behind |:',
    ...[...STAGES]
      .filter(([, { aliasOf }]) => aliasOf === undefined)
      .map(([name, { usage, summary }]) => row(`${name} ${usage}`, summary)),
    ...[...stages].map(([name, { description }]) => row(name, description)),
  ].join('\n')}\n`;
}

function stageHelp(stage: PluginStage | undefined): string {
  if (stage === undefined) return '';
  const { signature, least, description, name } = stage;
  const { items, parameters, definitions } = signature;
  const rows = argumentRows(items ?? [], { names: parameters ?? [], least, definitions });
  const lines = [
    `| ${name}`,
    `  ${description}`,
    ...argumentTable(rows),
    `  Example: | ${name}${exampleOf(rows)}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const WIDTH = 24;

/** What it is for, what it takes, what comes of it. */
function callableHelp(callable: Callable): string {
  const { signature, least, description, name } = callable;
  const { items, parameters, definitions } = signature;
  const rows = argumentRows(items ?? [], { names: parameters ?? [], least, definitions });
  const isMethod = callable.kind === 'method';
  const result = isMethod ? callable.result : null;
  return [
    `${name}: ${signature.what}${isMethod && callable.isStream ? ', which streams' : ''}`,
    description === '' ? '' : `  ${description}`,
    isMethod && callable.deprecated !== null ? `  Deprecated: ${callable.deprecated}` : '',
    ...argumentTable(rows),
    result === null ? '' : `  Result: ${describeSchema(result, definitions)}`,
    isMethod && callable.roles.length > 0 ? `  Roles: ${callable.roles.join(', ')}` : '',
    `  Example: ${name}${exampleOf(rows)}`,
  ]
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join('');
}

export const PLACES: readonly (readonly [string, BuiltIn])[] = [
  ['top', toTop],
  ['..', up],
  ['-', back],
  ['cd', cd],
  ['ls', ls],
  ['help', help],
];
