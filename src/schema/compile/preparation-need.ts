import { extendedType } from '../extended-types.js';
import { isRecord, mapKeyword, nameOfReference } from '../json-schema.js';
import type { SchemaLookup } from './probe.js';

/**
 * Whether values of a schema can ever need preparing: a default, a read-only property or a value
 * with a second wire form, anywhere it leads to. Most schemas have none, and their values are then
 * not walked through at all.
 */
export function needsPreparation(schema: unknown, lookup: SchemaLookup): boolean {
  const visited = new Set<string>();
  const pending: unknown[] = [schema];
  while (pending.length > 0) {
    const next = pending.pop();
    if (!isRecord(next)) continue;
    if ('default' in next || next['readOnly'] === true) return true;
    const extended = extendedType(next);
    if (extended?.convert !== undefined) return true;
    if (extended !== undefined) continue;
    for (const [keyword, value] of Object.entries(next)) {
      if (keyword === '$ref') pending.push(follow(String(value), { visited, lookup }));
      else mapKeyword(keyword, value, (subschema) => pending.push(subschema));
    }
  }
  return false;
}

interface Walk {
  readonly visited: Set<string>;
  readonly lookup: SchemaLookup;
}

function follow(reference: string, { visited, lookup }: Walk): unknown {
  const name = nameOfReference(reference) ?? reference;
  if (visited.has(name)) return null;
  visited.add(name);
  try {
    return lookup(name);
  } catch {
    return null; // not registered: the check says so, if a value gets there
  }
}
