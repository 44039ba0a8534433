import { isEqual, isList, isObject, type Json, type JsonObject } from './json.js';

type Merge = (a: Json, b: Json) => Json | undefined;

const larger: Merge = (a, b) =>
  typeof a === 'number' && typeof b === 'number' ? Math.max(a, b) : undefined;
const smaller: Merge = (a, b) =>
  typeof a === 'number' && typeof b === 'number' ? Math.min(a, b) : undefined;
const last: Merge = (_, b) => b;
const union: Merge = (a, b) => (isList(a) && isList(b) ? [...new Set([...a, ...b])] : undefined);

const MERGES = new Map<string, Merge>([
  ...['title', 'description', 'default', 'examples', '$comment', 'x-dispatcher-closed'].map(
    (keyword): [string, Merge] => [keyword, last],
  ),
  ...['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'].map(
    (keyword): [string, Merge] => [keyword, larger],
  ),
  ...['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'].map(
    (keyword): [string, Merge] => [keyword, smaller],
  ),
  ['required', union],
  ['type', mergeTypes],
  ['enum', mergeEnums],
  ['properties', mergeProperties],
]);

/** One schema that says the same as all of them; null when that cannot be said in one. */
export function mergeAll(schemas: readonly JsonObject[]): JsonObject | null {
  let merged: JsonObject | null = {};
  for (const schema of schemas) merged = merged === null ? null : merge(merged, schema);
  return merged;
}

function merge(a: JsonObject, b: JsonObject): JsonObject | null {
  const result = new Map(Object.entries(a));
  for (const [keyword, value] of Object.entries(b)) {
    const present = result.get(keyword);
    if (present === undefined || isEqual(present, value)) {
      result.set(keyword, value);
      continue;
    }
    const merged = MERGES.get(keyword)?.(present, value);
    if (merged === undefined) return null;
    result.set(keyword, merged);
  }
  return Object.fromEntries(result);
}

function mergeTypes(a: Json, b: Json): Json | undefined {
  const [first, second] = [typesOf(a), typesOf(b)];
  const both = first.flatMap((type) => {
    if (second.includes(type)) return [type];
    const isWhole = type === 'integer' && second.includes('number');
    if (isWhole) return ['integer'];
    return type === 'number' && second.includes('integer') ? ['integer'] : [];
  });
  if (both.length === 0) return undefined;
  return both.length === 1 ? both[0] : both;
}

export function typesOf(type: Json | undefined): readonly string[] {
  if (typeof type === 'string') return [type];
  return isList(type) ? type.filter((name) => typeof name === 'string') : [];
}

function mergeEnums(a: Json, b: Json): Json | undefined {
  if (!isList(a) || !isList(b)) return undefined;
  const both = a.filter((value) => b.some((other) => isEqual(value, other)));
  return both.length === 0 ? undefined : both;
}

function mergeProperties(a: Json, b: Json): Json | undefined {
  if (!isObject(a) || !isObject(b)) return undefined;
  const result = new Map(Object.entries(a));
  for (const [name, schema] of Object.entries(b)) {
    const present = result.get(name);
    result.set(name, present === undefined ? schema : { allOf: [present, schema] });
  }
  return Object.fromEntries(result);
}
