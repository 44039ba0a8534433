import { isEqual, isList, isObject, type Json, ownValue } from './json.js';
import type { SchemaIndex } from './schema-index.js';
import type { Schema } from './shape.js';
import type { Property } from './shape.js';

const MAX_DEPTH = 4;

/**
 * How well a value looks like a schema, from 0 (not at all) to 1, by its form alone: enough to open
 * the right alternative, and no pattern of a stranger is run for it.
 */
export function fits(schema: Schema, value: Json, schemaIndex: SchemaIndex, depth = 0): number {
  const shape = schemaIndex.shapeOf(schema);
  if (depth > MAX_DEPTH) return 0.5;
  switch (shape.kind) {
    case 'never':
      return 0;
    case 'any':
      return 0.1;
    case 'text':
      return typeof value === 'string' ? 0.9 : 0;
    case 'integer':
      return Number.isInteger(value) ? 1 : typeof value === 'number' ? 0.1 : 0;
    case 'number':
      return typeof value === 'number' ? 0.9 : 0;
    case 'boolean':
      return typeof value === 'boolean' ? 1 : 0;
    case 'constant':
      return isEqual(value, shape.value) ? 1 : 0;
    case 'choice':
      return shape.options.some((option) => isEqual(option, value)) ? 1 : 0;
    case 'extended':
      return extendedFit(shape.type, value);
    case 'list':
      if (!isList(value)) return 0;
      return average(
        value
          .slice(0, 10)
          .map((item, index) =>
            fits(shape.places[index] ?? shape.rest, item, schemaIndex, depth + 1),
          ),
      );
    case 'object':
      return isObject(value)
        ? objectFit(shape.properties, value, { extra: shape.extra, schemaIndex, depth })
        : 0;
    case 'alternatives':
      return Math.max(
        0,
        ...shape.options.map((option) => fits(option.schema, value, schemaIndex, depth + 1)),
      );
  }
}

function extendedFit(type: string, value: Json): number {
  const key = type === 'datetime' ? '$date' : `$${type}`;
  if (isObject(value)) return Object.keys(value).length === 1 && key in value ? 1 : 0;
  if (type === 'password') return typeof value === 'string' ? 0.8 : 0;
  return type === 'long' && Number.isSafeInteger(value) ? 0.8 : 0;
}

/** A list without items fits every list. */
function average(scores: readonly number[]): number {
  if (scores.length === 0) return 0.9;
  return 0.1 + 0.9 * (scores.reduce((sum, score) => sum + score, 0) / scores.length);
}

function objectFit(
  properties: readonly Property[],
  value: { readonly [key: string]: Json },
  { extra, schemaIndex, depth }: { extra: Schema; schemaIndex: SchemaIndex; depth: number },
): number {
  const known = new Set(properties.map(({ name }) => name));
  const scores = properties.slice(0, 50).flatMap(({ name, schema, isRequired }) => {
    const own = ownValue(value, name);
    if (own === undefined) return isRequired ? [0] : [];
    return [fits(schema, own, schemaIndex, depth + 1)];
  });
  const surplus = extra === false ? Object.keys(value).filter((name) => !known.has(name)) : [];
  return average([...scores, ...surplus.map(() => 0)]);
}
