import { DEFINITIONS, type JsonSchema } from '../wire/builder/index.js';

export { CLOSED, EXTENDED_TYPE, type JsonSchema, referenceTo } from '../wire/builder/index.js';

/** A place that JSON Schema lets hold `true` or `false` as well. */
export type SubSchema = JsonSchema | boolean;

/** The dialect of everything published. */
export const DIALECT = 'http://json-schema.org/draft-07/schema#';

/** Annotation naming checks that JSON Schema has no words for. */
export const CHECK_NAMES = 'x-validators';

/** Keywords that hold one schema, a list of them, or schemas by name. */
export const SCHEMA_KEYWORDS: ReadonlyMap<string, 'one' | 'list' | 'map' | 'items'> = new Map([
  ['additionalItems', 'one'],
  ['additionalProperties', 'one'],
  ['contains', 'one'],
  ['else', 'one'],
  ['if', 'one'],
  ['not', 'one'],
  ['propertyNames', 'one'],
  ['then', 'one'],
  ['allOf', 'list'],
  ['anyOf', 'list'],
  ['oneOf', 'list'],
  ['dependencies', 'map'],
  ['patternProperties', 'map'],
  ['properties', 'map'],
  ['items', 'items'],
]);

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Visits a subschema at its path below the schema it was found in, and gives what replaces it. */
type Visitor = (subschema: unknown, path: readonly string[]) => unknown;

/** The value of a schema keyword with every schema in it replaced by what `visit` returns. */
export function mapKeyword(keyword: string, value: unknown, visit: Visitor): unknown {
  const kind = SCHEMA_KEYWORDS.get(keyword);
  const isList = kind === 'list' || (kind === 'items' && Array.isArray(value));
  if (isList && Array.isArray(value)) {
    return value.map((item, index) => visit(item, [keyword, String(index)]));
  }
  if (kind === 'map' && isRecord(value)) {
    const entries = Object.entries(value).map(([name, item]): [string, unknown] => [
      name,
      // `dependencies` maps to lists of names as well as to schemas
      keyword === 'dependencies' && Array.isArray(item) ? item : visit(item, [keyword, name]),
    ]);
    return Object.fromEntries(entries);
  }
  return kind === undefined || isList ? value : visit(value, [keyword]);
}

/** The definition a `$ref` names, in either spelling; null for one that points into a document. */
export function nameOfReference(reference: string): string | null {
  if (!reference.startsWith('#')) return reference;
  const encoded = reference.startsWith(DEFINITIONS) ? reference.slice(DEFINITIONS.length) : '';
  if (encoded === '' || encoded.includes('/')) return null;
  try {
    return decodeURI(encoded).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return null;
  }
}
