import { argumentRows } from '../../discovery/argument-table.js';
import {
  branchesOf,
  type Definitions,
  describeSchema,
  propertiesOf,
  type Schema,
  type Signature,
} from '../../values/index.js';
import type { Candidate } from '../editor/index.js';
import type { Argument } from '../grammar/index.js';
import { asWord } from './as-word.js';

/** What a command takes from where the cursor stands. */
export interface Expected {
  /** Arguments that can be given by name and were not. */
  readonly names: readonly Candidate[];
  /** The schema of the value by position that is next; null where none is. */
  readonly next: unknown;
  /** Of a value by name. */
  readonly schemaOf: (name: string) => unknown;
}

interface Given {
  readonly signature: Signature;
  readonly least: number;
  /** The arguments that stand before the word at the cursor. */
  readonly before: readonly Argument[];
  /** Places that are filled already by where one stands. */
  readonly filled: number;
}

/** What may stand as the next argument of a call. */
export function expectedArguments({ signature, least, before, filled }: Given): Expected {
  const { parameters, definitions } = signature;
  const items = signature.items ?? [];
  const place = filled + before.filter(({ kind }) => kind === 'positional').length;
  const given = new Set(before.flatMap((one) => (one.kind === 'named' ? [one.name] : [])));
  const rest = items.slice(place);
  const properties = propertiesOf(rest[0], definitions);
  const byName: ReadonlyMap<string, unknown> =
    properties !== null && parameters?.[place] === undefined
      ? new Map(Object.entries(properties))
      : new Map([
          ...(parameters ?? []).slice(place).map((name, at) => [name, rest[at]] as const),
          ...(rest.length === 1 ? Object.entries(properties ?? {}) : []),
        ]);
  const rows = argumentRows(rest, {
    names: (parameters ?? []).slice(place),
    least: least - place,
    definitions,
  });
  const names = rows
    .filter(([name]) => byName.has(name) && !given.has(name))
    .sort(([, , , a], [, , , b]) => Number(b) - Number(a))
    .map(([name, type, description, isRequired]): Candidate => {
      const told = [isRequired ? `${type}, required` : type, description].filter(Boolean);
      return { text: `${name}=`, description: told.join(' – '), isOpen: true };
    });
  const next = given.size > 0 || properties !== null ? null : (rest[0] ?? null);
  return { names, next, schemaOf: (name) => byName.get(name) ?? {} };
}

/** Words of an enum, yes and no: what a schema takes and can be listed. */
export function schemaValues(schema: unknown, definitions: Definitions): readonly Candidate[] {
  const found: Candidate[] = [];
  for (const branch of branchesOf(schema ?? {}, definitions)) {
    for (const value of choicesOf(branch)) {
      const text = asWord(typeof value === 'string' ? value : JSON.stringify(value));
      if (found.every((one) => one.text !== text)) found.push({ text });
    }
    const { items } = branch;
    if (branch['type'] === 'array' && items !== undefined && !Array.isArray(items)) {
      found.push(...schemaValues(items, definitions));
    }
  }
  return found;
}

function choicesOf(schema: Schema): readonly unknown[] {
  if (Array.isArray(schema['enum'])) return schema['enum'] as readonly unknown[];
  if ('const' in schema) return [schema['const']];
  return schema['type'] === 'boolean' ? ['yes', 'no'] : [];
}

/** The entity whose keys a schema takes, as `x-entity` of it says; null when it says nothing. */
export function entityNameIn(schema: unknown, definitions: Definitions): string | null {
  for (const branch of branchesOf(schema ?? {}, definitions)) {
    const name = branch['x-entity'];
    if (typeof name === 'string') return name;
    if (branch['type'] === 'array' && branch['items'] !== undefined) {
      return entityNameIn(branch['items'], definitions);
    }
  }
  return null;
}

/** Properties of rows as names for a filter or a stage. */
export function propertyCandidates(
  properties: Readonly<Record<string, Schema>> | null,
  { definitions, isOpen }: { readonly definitions: Definitions; readonly isOpen: boolean },
): readonly Candidate[] {
  return Object.entries(properties ?? {}).map(([name, schema]) => ({
    text: name,
    description: describeSchema(schema, definitions),
    ...(isOpen && { isOpen: true as const }),
  }));
}
