import type { ErrorObject } from 'ajv';
import { extendedType, isOpaque } from '../extended-types.js';
import { isRecord, type JsonSchema, nameOfReference } from '../json-schema.js';

/** What a glance at a value found wrong, relative to the value. */
export type ProbeFailure = Pick<ErrorObject, 'keyword' | 'params' | 'instancePath'>;

/** Finds a definition by name, aliases followed. */
export type SchemaLookup = (name: string) => JsonSchema;

// Definitions made of definitions: deep enough for every sane one, and an end for circular ones.
const MAX_DEPTH = 16;

/**
 * A glance at a value: could it be meant as one of these? Looks at its type and at properties that
 * must have one certain value (tags), never further down.
 */
export function probe(
  schema: JsonSchema,
  value: unknown,
  lookup: SchemaLookup,
): ProbeFailure | null {
  return glance({ schema, depth: 0 }, value, lookup);
}

interface Layer {
  readonly schema: JsonSchema;
  readonly depth: number;
}

function glance(
  { schema, depth }: Layer,
  value: unknown,
  lookup: SchemaLookup,
): ProbeFailure | null {
  if (depth > MAX_DEPTH) return null;
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const target = lookup(nameOfReference(reference) ?? reference);
    return glance({ schema: target, depth: depth + 1 }, value, lookup);
  }
  const extended = extendedType(schema);
  if (extended !== undefined) {
    const converted = extended.convert?.(value) ?? value;
    return extended.isCodeValue(converted)
      ? null
      : { keyword: 'type', params: { type: extended.expectation }, instancePath: '' };
  }
  const { type, properties, allOf } = schema;
  if (type !== undefined && !hasType(value, type)) {
    return { keyword: 'type', params: { type }, instancePath: '' };
  }
  if (isRecord(properties) && isRecord(value)) {
    const failure = wrongTag(properties, value, schema['required']);
    if (failure !== null) return failure;
  }
  for (const part of Array.isArray(allOf) ? allOf : []) {
    const failure = isRecord(part)
      ? glance({ schema: part, depth: depth + 1 }, value, lookup)
      : null;
    if (failure !== null) return failure;
  }
  return null;
}

function wrongTag(
  properties: JsonSchema,
  value: JsonSchema,
  required: unknown,
): ProbeFailure | null {
  if (!Array.isArray(required)) return null;
  for (const name of required as string[]) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!isRecord(property) || 'default' in property || property['readOnly'] === true) continue;
    const isConstant = 'const' in property;
    if (!isConstant && !Array.isArray(property['enum'])) continue;
    if (!Object.hasOwn(value, name)) {
      return { keyword: 'required', params: { missingProperty: name }, instancePath: '' };
    }
    const allowedValues: unknown[] = isConstant
      ? [property['const']]
      : (property['enum'] as unknown[]);
    // objects as tags are compared by nobody: left to the full check
    if (allowedValues.some(isStructured) || allowedValues.includes(value[name])) continue;
    const instancePath = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return { keyword: 'enum', params: { allowedValues }, instancePath };
  }
  return null;
}

const isStructured = (value: unknown): boolean => typeof value === 'object' && value !== null;

function hasType(value: unknown, type: unknown): boolean {
  if (Array.isArray(type)) return type.some((one) => hasType(value, one));
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isRecord(value) && !isOpaque(value);
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
