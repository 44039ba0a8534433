import { UsageError } from '../exit-status.js';
import type { ArgumentWord, WholeArguments } from './argument-words.js';
import { convert } from './convert.js';
import { type Definitions, propertiesOf } from './schema.js';

/** What is called, as far as it says what it takes. */
export interface Signature {
  /** For messages: `system.info`. */
  readonly what: string;
  /** The names of its arguments, where it has any. */
  readonly parameters: readonly string[] | null;
  /** The schema of each argument; null when it says nothing. */
  readonly items: readonly unknown[] | null;
  readonly definitions: Definitions;
}

/** The arguments to be sent, and the names that they were given by. */
export interface BoundArguments {
  readonly args: WholeArguments;
  /** By place; empty for an object whose properties stand for arguments of their own. */
  readonly names: readonly string[];
}

/**
 * Puts words into the places of arguments: those by position first; named ones are the arguments of
 * that name, or the properties of the object that comes next.
 *
 * @throws UsageError for a name that there is none of, with the nearest
 */
export async function bindArguments(
  words: readonly ArgumentWord[],
  signature: Signature,
): Promise<BoundArguments> {
  const { items, definitions, parameters } = signature;
  const names = parameters ?? [];
  const byPlace = words.filter(({ name }) => name === null);
  const named = words.filter(({ name }) => name !== null);
  const args = byPlace.map(({ value }, at) => convert(value, items?.[at] ?? {}, definitions));
  if (named.length === 0) return { args, names };
  if (items === null) {
    if (byPlace.length > 0 && parameters === null) {
      return { args: [...args, objectOf(named, {}, definitions)], names };
    }
    return { args: objectOf(named, {}, definitions), names };
  }
  const places = named.map(({ name }) => names.indexOf(name ?? ''));
  if (places.every((place) => place >= byPlace.length)) {
    return { args: spread(args, { named, places, signature }), names };
  }
  const properties = propertiesOf(items[byPlace.length] ?? null, definitions);
  const free = names.slice(byPlace.length);
  const known = properties === null ? free : Object.keys(properties);
  const isOpen = isOpenObject(items[byPlace.length], definitions);
  const unknown = named.find(({ name }) => !known.includes(name ?? ''))?.name;
  if (unknown != null && !isOpen) throw await noSuchArgument(unknown, { known, signature });
  const object = objectOf(named, properties ?? {}, definitions);
  return { args: [...args, object], names: [...names.slice(0, args.length), ''] };
}

interface Named {
  readonly named: readonly ArgumentWord[];
  readonly places: readonly number[];
  readonly signature: Signature;
}

/** By position where there is no hole, else by name. */
function spread(args: readonly unknown[], { named, places, signature }: Named): WholeArguments {
  const { items, definitions, parameters } = signature;
  const values = new Map<number, unknown>(args.map((value, at) => [at, value]));
  for (const [at, { value }] of named.entries()) {
    const place = places[at] ?? 0;
    values.set(place, convert(value, items?.[place] ?? {}, definitions));
  }
  const count = values.size;
  if ([...values.keys()].every((place) => place < count)) {
    return Array.from({ length: count }, (_, at) => values.get(at));
  }
  return Object.fromEntries(
    [...values].map(([place, value]) => [parameters?.[place] ?? '', value] as const),
  );
}

function objectOf(
  named: readonly ArgumentWord[],
  properties: Readonly<Record<string, unknown>>,
  definitions: Definitions,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    named.map(({ name, value }) => {
      const schema = Object.hasOwn(properties, name ?? '') ? properties[name ?? ''] : {};
      return [name ?? '', convert(value, schema, definitions)] as const;
    }),
  );
}

/** An object whose properties are anybody's: settings, an environment. */
function isOpenObject(schema: unknown, definitions: Definitions): boolean {
  if (schema === undefined) return false;
  const properties = propertiesOf(schema, definitions);
  return properties === null && JSON.stringify(schema).includes('"object"');
}

async function noSuchArgument(
  name: string,
  { known, signature }: { readonly known: readonly string[]; readonly signature: Signature },
): Promise<UsageError> {
  const { closest, didYouMean } = await import('../../config/did-you-mean.js');
  const hint = didYouMean(closest(name, known));
  const all = known.length === 0 ? 'it takes none by name' : `there are ${known.join(', ')}`;
  return new UsageError(
    `${signature.what} has no argument ${JSON.stringify(name)}${hint === '' ? `: ${all}` : hint}`,
  );
}
