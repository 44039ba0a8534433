import { encodeExtended, Password } from '../common/index.js';
import { isExtendedTypeName } from './extended-types.js';
import { type SchemaArg, type SchemaClass, wireSchema } from '../wire/builder/index.js';
import { invalidSchema } from './invalid-schema.js';
import {
  isRecord,
  type JsonSchema,
  mapKeyword,
  nameOfReference,
  referenceTo,
  type SubSchema,
} from './json-schema.js';
import { CHECKS, WRAPPED } from './markers.js';

/** Converts a class; the answer may be a reference, which is why it is the registry's business. */
export type ClassResolver = (type: SchemaClass) => JsonSchema;

type Path = readonly string[];

const NATIVE = new Map<unknown, JsonSchema>([
  [null, { type: 'null' }],
  [String, { type: 'string' }],
  [Number, { type: 'number' }],
  [Boolean, { type: 'boolean' }],
  [Object, { type: 'object' }],
  [Array, { type: 'array' }],
  [Date, wireSchema('datetime')],
  [Uint8Array, wireSchema('binary')],
  [Buffer, wireSchema('binary')],
  [Password, wireSchema('password')],
]);

/** A class that needs converting, as opposed to `String` and its like. */
export const isClass = (arg: unknown): arg is SchemaClass =>
  typeof arg === 'function' && !NATIVE.has(arg);

// Identities of documents: a definition's identity is its registered name.
const DROPPED = new Set(['$schema', '$id', '$comment']);
const VALUES = new Set(['default', 'examples', 'const', 'enum']);

/**
 * The published form of anything that can stand for a schema: plain draft-07 JSON in which every
 * reference reads `#/definitions/Name`.
 *
 * @throws RpcException EINVAL naming the place of what is no schema
 */
export function publish(arg: unknown, resolveClass: ClassResolver, path: Path = []): JsonSchema {
  const native = NATIVE.get(arg);
  if (native !== undefined) return native;
  if (isClass(arg)) return resolveClass(arg);
  if (arg === undefined) {
    throw invalidSchema(path, 'it is undefined (do two files import each other?)');
  }
  if (!isRecord(arg)) throw invalidSchema(path, 'a schema is a class, an object or null');
  const keywords = publishKeywords(arg, resolveClass, path);
  if (!Object.hasOwn(arg, WRAPPED)) return keywords;
  const inner = publish((arg as { [WRAPPED]?: SchemaArg })[WRAPPED], resolveClass, path);
  return withKeywords(inner, keywords);
}

/** The schema with keywords added; readers of draft-07 ignore what stands beside a `$ref`. */
export function withKeywords(inner: JsonSchema, keywords: JsonSchema): JsonSchema {
  if (Object.keys(keywords).length === 0) return inner;
  return '$ref' in inner ? { allOf: [inner], ...keywords } : { ...inner, ...keywords };
}

function publishKeywords(literal: JsonSchema, resolveClass: ClassResolver, path: Path): JsonSchema {
  const visit = (subschema: unknown, below: Path): SubSchema =>
    typeof subschema === 'boolean'
      ? subschema
      : publish(subschema, resolveClass, [...path, ...below]);
  const entries: [string | symbol, unknown][] = [];
  for (const [keyword, value] of Object.entries(literal)) {
    if (value === undefined || DROPPED.has(keyword)) continue;
    if (keyword === '$ref') entries.push([keyword, publishReference(value, path)]);
    else if (keyword === 'type' && isExtendedTypeName(value)) {
      entries.push(...Object.entries(wireSchema(value)));
    } else if (VALUES.has(keyword)) entries.push([keyword, encodeExtended(value)]);
    else entries.push([keyword, mapKeyword(keyword, value, visit)]);
  }
  const checks: unknown = Reflect.get(literal, CHECKS);
  if (checks !== undefined) entries.push([CHECKS, checks]);
  return withoutBooleanBounds(Object.fromEntries(entries));
}

function publishReference(value: unknown, path: Path): string {
  const name = typeof value === 'string' ? nameOfReference(value) : null;
  if (name === null || name === '') {
    throw invalidSchema([...path, '$ref'], 'must name a registered definition');
  }
  return referenceTo(name);
}

/** Draft 4, which older services still speak, wrote `exclusiveMinimum: true` beside `minimum`. */
function withoutBooleanBounds(schema: JsonSchema): JsonSchema {
  if (
    typeof schema['exclusiveMinimum'] !== 'boolean' &&
    typeof schema['exclusiveMaximum'] !== 'boolean'
  ) {
    return schema;
  }
  const result: Record<string, unknown> = { ...schema };
  for (const bound of ['Minimum', 'Maximum']) {
    const exclusive = `exclusive${bound}`;
    if (typeof result[exclusive] !== 'boolean') continue;
    const limit = bound.toLowerCase();
    const isExclusive = result[exclusive];
    Reflect.deleteProperty(result, exclusive);
    if (!isExclusive) continue;
    result[exclusive] = result[limit];
    Reflect.deleteProperty(result, limit);
  }
  return result;
}
