import {
  type ArgumentWord,
  bindArguments,
  type BoundArguments,
  misfitOf,
  type Signature,
} from '../../values/index.js';
import { UsageError } from '../../exit-status.js';
import type { Evaluation } from './evaluation.js';
import { unfitArgument } from './problem.js';
import { missingOf, spreadOverObject } from './read-words.js';

export interface Wanted {
  readonly signature: Signature;
  readonly least: number;
}

/**
 * Arguments as they are sent. What is missing is asked for where somebody can be asked.
 *
 * @throws UsageError naming what is missing or not known; RpcException EINVAL for a value that its schema
 *   cannot take, before anything is sent
 */
export async function boundCall(
  given: readonly ArgumentWord[],
  { signature, least }: Wanted,
  evaluation: Pick<Evaluation, 'io'>,
): Promise<BoundArguments> {
  const words = await completed(
    spreadOverObject(given, signature),
    { signature, least },
    evaluation,
  );
  refuseTooMany(words, signature);
  const bound = await bindArguments(words, signature);
  refuseMisfits(bound, signature, words);
  return bound;
}

async function completed(
  words: readonly ArgumentWord[],
  { signature, least }: Wanted,
  { io }: Pick<Evaluation, 'io'>,
): Promise<readonly ArgumentWord[]> {
  const missing = missingOf(words, signature, least);
  if (missing.length === 0) return words;
  await bindArguments(words, signature); // a name that there is none of is what is really wrong
  if (io.ask === null) {
    const names = missing.map(({ name, type }) => `${name} (${type})`).join(', ');
    throw new UsageError(`${signature.what} needs ${names}`);
  }
  const asked: ArgumentWord[] = [];
  for (const one of missing) {
    const text = await io.ask(one);
    const isPlace = signature.parameters === null && one.name.startsWith('argument ');
    asked.push({ name: isPlace ? null : one.name, value: { kind: 'text', text } });
  }
  const isNamed = ({ name }: ArgumentWord): boolean => name !== null;
  const all = [...words, ...asked];
  return [...all.filter((word) => !isNamed(word)), ...all.filter(isNamed)];
}

function refuseTooMany(words: readonly ArgumentWord[], { items, what }: Signature): void {
  const places = words.filter(({ name }) => name === null).length;
  if (items === null || places <= items.length) return;
  const takes = items.length === 0 ? 'no arguments' : `${items.length} by position`;
  throw new UsageError(`${what} takes ${takes}, and not ${places}`);
}

function refuseMisfits(
  { args, names }: BoundArguments,
  { items, parameters, definitions }: Signature,
  words: readonly ArgumentWord[],
): void {
  if (items === null) return;
  const byPlace: readonly (readonly [number, unknown])[] = Array.isArray(args)
    ? args.map((value: unknown, at) => [at, value] as const)
    : Object.entries(args).map(
        ([name, value]) => [parameters?.indexOf(name) ?? -1, value] as const,
      );
  for (const [at, value] of byPlace) {
    const schema = items[at];
    const misfit = schema === undefined ? null : misfitOf(value, schema, definitions);
    if (misfit === null) continue;
    const name = names[at] ?? parameters?.[at] ?? '';
    const path = name === '' ? misfit.path : [name, ...misfit.path];
    const places = words.filter((word) => word.name === null);
    const word = words.find((one) => one.name !== null && one.name === path[0]) ?? places[at];
    const column = word?.column === undefined ? '' : ` (column ${word.column})`;
    throw unfitArgument(path, misfit.message + column);
  }
}
