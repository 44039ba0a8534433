/** A JSON Schema of draft-07 as plain data. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** A place that JSON Schema lets hold `true` or `false` as well. */
export type SubSchema = JsonSchema | boolean;

/** The dialect of everything published. */
export const DIALECT = 'http://json-schema.org/draft-07/schema#';

/** Annotation on the wire form of a value that is no JSON type in code; see extended-types.ts. */
export const EXTENDED_TYPE = 'x-dispatcher-type';

/**
 * Annotation beside `additionalProperties: false` of classes and `h.object`: surplus properties are
 * refused in arguments, where they are typing errors, and tolerated in results, where they are
 * columns that a store added.
 */
export const CLOSED = 'x-dispatcher-closed';

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

const POINTER = '#/definitions/';

/** `Name` as the reference every published schema uses. */
export function referenceTo(name: string): string {
  return POINTER + encodeURI(name.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** The definition a `$ref` names, in either spelling; null for one that points into a document. */
export function nameOfReference(reference: string): string | null {
  if (!reference.startsWith('#')) return reference;
  const encoded = reference.startsWith(POINTER) ? reference.slice(POINTER.length) : '';
  if (encoded === '' || encoded.includes('/')) return null;
  try {
    return decodeURI(encoded).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return null;
  }
}
