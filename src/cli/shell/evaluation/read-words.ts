import { UsageError } from '../../exit-status.js';
import {
  type ArgumentWord,
  describeSchema,
  isSchema,
  propertiesOf,
  readFile,
  resolve,
  type Schema,
  type Signature,
  specialOf,
  type WrittenValue,
} from '../../values/index.js';
import type { Argument } from '../grammar/index.js';
import type { MissingValue } from '../shell-io.js';
import type { Evaluation } from './evaluation.js';
import { written } from './expand.js';
import { lineAndColumn } from './problem.js';

const FILE_WORD = /^([A-Za-z_][\w-]*)@(.+)$/s;

/**
 * Reads arguments. `name@FILE` is what is in a file where there is an argument of that name.
 *
 * @throws UsageError for what is no argument here, an option among it: it would be a request that is passed over
 */
export async function readWords(
  args: readonly Argument[],
  names: readonly string[],
  evaluation: Evaluation,
): Promise<readonly ArgumentWord[]> {
  const words: ArgumentWord[] = [];
  for (const argument of args) {
    if (argument.kind === 'flag') {
      throw noOption(argument.name, { hint: nameHint(argument.name, names) });
    } else if (argument.kind === 'positional') {
      const word = await positional(argument.value, names, evaluation);
      words.push({ ...word, column: columnOf(argument, evaluation) });
    } else if (argument.operator === '=') {
      const { name, value } = argument;
      const column = columnOf(argument, evaluation);
      words.push({ name, value: await written(value, evaluation), column });
    } else {
      throw new UsageError(
        `${argument.name}${argument.operator}: an argument is given as ${argument.name}=VALUE`,
      );
    }
  }
  refuseTwice(words);
  return words;
}

/** What to throw for `--name` where no command takes it. */
export const noOption = (name: string, { hint = '' } = {}): UsageError =>
  new UsageError(`There is no option --${name} here${hint}`);

const nameHint = (name: string, names: readonly string[]): string =>
  names.includes(name) ? `: the argument is given as ${name}=VALUE` : '';

/** @throws UsageError for an option */
export function refuseOptions(args: readonly Argument[]): void {
  const option = args.find(({ kind }) => kind === 'flag');
  if (option?.kind === 'flag') throw noOption(option.name);
}

const columnOf = ({ start }: Argument, { script }: Evaluation): number =>
  lineAndColumn(script.text, start).column;

async function positional(
  value: Argument['value'] & object,
  names: readonly string[],
  evaluation: Evaluation,
): Promise<ArgumentWord> {
  const [, name, file] = value.kind === 'bare' ? (FILE_WORD.exec(value.text) ?? []) : [];
  if (name !== undefined && file !== undefined && names.includes(name)) {
    return { name, value: readLocal(name, file, evaluation) };
  }
  return { name: null, value: await written(value, evaluation) };
}

function readLocal(name: string, file: string, { shell }: Evaluation): WrittenValue {
  if (!shell.options.hasFiles) throw new UsageError(`${name}@${file}: files are left alone here`);
  return readFile(name, file);
}

function refuseTwice(words: readonly ArgumentWord[]): void {
  const seen = new Set<string>();
  let hasNamed = false;
  for (const { name } of words) {
    if (name === null && hasNamed) {
      throw new UsageError('Arguments by position come before named ones');
    }
    if (name === null) continue;
    hasNamed = true;
    if (seen.has(name)) throw new UsageError(`The argument ${name} is given twice`);
    seen.add(name);
  }
}

/** The names that arguments may be given by: those of the method, or the properties of its object. */
export function argumentNames({ parameters, items, definitions }: Signature): readonly string[] {
  const properties = propertiesOf(items?.at(-1) ?? null, definitions);
  const own = properties === null ? [] : Object.keys(properties);
  return [...(parameters ?? []), ...own];
}

/**
 * Values by position where an object comes next are its properties, those that must be there first: nobody
 * writes braces for `files checksum /etc`.
 */
export function spreadOverObject(
  words: readonly ArgumentWord[],
  { items, definitions }: Signature,
): readonly ArgumentWord[] {
  const at = (items?.length ?? 0) - 1;
  const schema = items?.[at];
  const properties = schema === undefined ? null : propertiesOf(schema, definitions);
  if (properties === null || at < 0) return words;
  const places = words.filter(({ name }) => name === null);
  const loose = places.slice(at);
  if (loose.length === 0 || loose.some(({ value }) => isObject(value))) return words;
  const given = new Set(words.map(({ name }) => name));
  const free = orderedNames(properties, resolve(schema, definitions)).filter(
    (name) => !given.has(name),
  );
  if (loose.length > free.length) return words;
  const named = loose.map((word, index) => ({ ...word, name: free[index] ?? '' }));
  return [...places.slice(0, at), ...named, ...words.slice(places.length)];
}

function isObject(value: WrittenValue): boolean {
  if (value.kind === 'object') return true;
  return (value.kind === 'data' || value.kind === 'json') && isSchema(value.value);
}

function orderedNames(properties: Readonly<Record<string, Schema>>, schema: Schema): string[] {
  const required = requiredOf(schema);
  const names = Object.keys(properties).filter((name) => properties[name]?.['readOnly'] !== true);
  return [
    ...names.filter((name) => required.has(name)),
    ...names.filter((name) => !required.has(name)),
  ];
}

const requiredOf = (schema: Schema): ReadonlySet<unknown> =>
  new Set(Array.isArray(schema['required']) ? (schema['required'] as unknown[]) : []);

/** Arguments that must be given and are not, in the order of the signature. */
export function missingOf(
  words: readonly ArgumentWord[],
  { parameters, items, definitions }: Signature,
  least: number,
): readonly MissingValue[] {
  const byPlace = words.filter(({ name }) => name === null);
  const given = new Set(words.map(({ name }) => name));
  return (items ?? []).slice(0, least).flatMap((item, at): MissingValue[] => {
    if (at < byPlace.length) return [];
    const name = parameters?.[at];
    if (name !== undefined && given.has(name)) return [];
    const properties = propertiesOf(item, definitions);
    if (properties === null) return [missing(name ?? `argument ${at + 1}`, item, definitions)];
    const required = requiredOf(resolve(item, definitions));
    return Object.entries(properties)
      .filter(([property]) => required.has(property) && !given.has(property))
      .map(([property, schema]) => missing(property, schema, definitions));
  });
}

function missing(name: string, item: unknown, definitions: Signature['definitions']): MissingValue {
  const schema = resolve(item, definitions);
  const { description } = schema;
  return {
    name,
    description: typeof description === 'string' ? description : '',
    type: describeSchema(item, definitions),
    schema,
    isSecret: specialOf(schema) === 'password' || JSON.stringify(schema).includes('"password"'),
  };
}
