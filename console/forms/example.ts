import { exampleText } from './example-text.js';
import { EXTENDED_KEYS, extraSchema, placeOf } from './fill.js';
import { isList, isObject, type Json, type JsonObject } from './json.js';
import type { SchemaIndex } from './schema-index.js';
import type { Schema } from './shape.js';
import type { ExtendedType, Shape } from './shape.js';

/** Whether a value fits a schema of the schema index. */
type Accepts = (schema: Schema, value: Json) => boolean;

const MAX_DEPTH = 10;
const MAX_ITEMS = 64;
/** For schemas that say only what a value is not. */
const PLAIN: readonly Json[] = [null, 'text', 1, true, [], {}, 0, '', -1, 0.5, false];

const EXTENDED_EXAMPLES: Readonly<Record<ExtendedType, string>> = {
  datetime: '2026-01-01T12:00:00Z',
  binary: 'aGVsbG8=',
  password: 'secret',
  long: '9007199254740993',
};

interface Context {
  readonly schemaIndex: SchemaIndex;
  readonly accepts: Accepts;
}

/**
 * A value that fits the schema: what its author shows (default, example), else the smallest that can
 * be put together. Undefined where none is found; a value that does not fit is never given.
 */
export function exampleOf(schema: Schema, context: Context): Json | undefined {
  for (const candidate of candidates(schema, context, 0)) {
    if (context.accepts(schema, candidate)) return candidate;
  }
  return undefined;
}

function* candidates(schema: Schema, context: Context, depth: number): Generator<Json> {
  const resolved = context.schemaIndex.resolve(schema);
  if (resolved === false) return;
  const { default: preset, examples } = resolved;
  if (preset !== undefined) yield preset;
  if (isList(examples)) yield* examples;
  const built = build(schema, resolved, context, depth);
  if (built !== undefined) yield built;
  if (isObject(built)) yield* conditioned(resolved, built, context, depth);
  yield* PLAIN;
}

/** With what `then` or `else` ask for besides. */
function* conditioned(
  { then: yes, else: no }: JsonObject,
  built: JsonObject,
  context: Context,
  depth: number,
): Generator<Json> {
  for (const branch of [yes, no]) {
    if (branch === undefined || depth > MAX_DEPTH) continue;
    const more = build(
      branch as Schema,
      context.schemaIndex.resolve(branch as Schema),
      context,
      depth + 1,
    );
    if (isObject(more)) yield { ...built, ...more };
  }
}

function best(schema: Schema, context: Context, depth: number): Json | undefined {
  for (const candidate of candidates(schema, context, depth)) {
    if (context.accepts(schema, candidate)) return candidate;
  }
  return undefined;
}

function build(
  schema: Schema,
  resolved: JsonObject | false,
  context: Context,
  depth: number,
): Json | undefined {
  if (resolved === false || depth > MAX_DEPTH) return undefined;
  const shape = context.schemaIndex.shapeOf(schema);
  switch (shape.kind) {
    case 'text':
      return exampleText(resolved);
    case 'number':
    case 'integer':
      return exampleNumber(resolved, shape.kind === 'integer');
    case 'boolean':
      return false;
    case 'constant':
      return shape.value;
    case 'choice':
      return shape.options[0];
    case 'extended':
      return { [EXTENDED_KEYS[shape.type]]: EXTENDED_EXAMPLES[shape.type] };
    case 'list':
      return exampleList(resolved, shape, { context, depth });
    case 'object':
      return exampleObject(resolved, shape, { context, depth });
    case 'alternatives':
      return firstOf(
        shape.options.map((option) => option.schema),
        schema,
        { context, depth },
      );
    case 'any':
      return typeof resolved['title'] === 'string' ? null : undefined;
    case 'never':
      return undefined;
  }
}

interface Frame {
  readonly context: Context;
  readonly depth: number;
}

function firstOf(
  options: readonly Schema[],
  whole: Schema,
  { context, depth }: Frame,
): Json | undefined {
  for (const option of options) {
    for (const candidate of candidates(option, context, depth + 1)) {
      if (context.accepts(whole, candidate)) return candidate;
    }
  }
  return undefined;
}

const finite = (value: Json | undefined): number | null =>
  typeof value === 'number' ? value : null;

/** The number nearest to zero that the bounds admit. */
export function exampleNumber(schema: JsonObject, isInteger: boolean): number {
  const step = finite(schema['multipleOf']) ?? (isInteger ? 1 : null);
  const open = step ?? 1;
  const lowest = Math.max(
    finite(schema['minimum']) ?? -Infinity,
    (finite(schema['exclusiveMinimum']) ?? -Infinity) + (step === null ? Number.EPSILON : 0),
  );
  const highest = Math.min(
    finite(schema['maximum']) ?? Infinity,
    finite(schema['exclusiveMaximum']) ?? Infinity,
  );
  if (isInside(0, schema)) return 0;
  if (lowest > 0 || highest === Infinity) {
    const start = step === null ? lowest : Math.ceil(lowest / step) * step;
    if (isInside(start, schema)) return start;
    if (isInside(start + open, schema)) return start + open;
    return (lowest + highest) / 2;
  }
  const start = step === null ? highest : Math.floor(highest / step) * step;
  if (isInside(start, schema)) return start;
  if (isInside(start - open, schema)) return start - open;
  return (lowest + highest) / 2;
}

function isInside(value: number, schema: JsonObject): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  return (
    value >= (finite(minimum) ?? -Infinity) &&
    value <= (finite(maximum) ?? Infinity) &&
    value > (finite(exclusiveMinimum) ?? -Infinity) &&
    value < (finite(exclusiveMaximum) ?? Infinity)
  );
}

function exampleList(
  resolved: JsonObject,
  shape: Extract<Shape, { kind: 'list' }>,
  { context, depth }: Frame,
): Json | undefined {
  const wanted = Math.min(Math.max(shape.minimum, 'contains' in resolved ? 1 : 0), MAX_ITEMS);
  const items: Json[] = [];
  for (let index = 0; index < wanted; index += 1) {
    const place =
      index === 0 && resolved['contains'] !== undefined && shape.places.length === 0
        ? ({ allOf: [placeOf(shape, index), resolved['contains']] } as Schema)
        : placeOf(shape, index);
    const item = best(place, context, depth + 1);
    if (item === undefined) return undefined;
    items.push(resolved['uniqueItems'] === true ? another(item, items, place, context) : item);
  }
  return items;
}

/** The item, or one like it that is not in the list yet. */
function another(item: Json, taken: readonly Json[], schema: Schema, context: Context): Json {
  const used = new Set(taken.map((value) => JSON.stringify(value)));
  const shape = context.schemaIndex.shapeOf(schema);
  const options: Json[] = shape.kind === 'choice' ? [...shape.options] : [item];
  for (let n = 1; n <= MAX_ITEMS; n += 1) {
    if (typeof item === 'number') options.push(item + n, item - n, item + n / 8);
    else if (typeof item === 'string') options.push(item + 'x'.repeat(n), item + String(n));
  }
  options.push(...PLAIN);
  return (
    options.find((value) => !used.has(JSON.stringify(value)) && context.accepts(schema, value)) ??
    item
  );
}

function exampleObject(
  resolved: JsonObject,
  shape: Extract<Shape, { kind: 'object' }>,
  { context, depth }: Frame,
): Json | undefined {
  const entries = new Map<string, Json>();
  const minimum = finite(resolved['minProperties']) ?? 0;
  for (const { name, schema, isRequired } of shape.properties) {
    if (!isRequired) continue;
    const value = best(schema, context, depth + 1);
    if (value === undefined) return undefined;
    entries.set(name, value);
  }
  for (const { name, schema, isReadOnly } of shape.properties) {
    if (entries.size >= minimum) break;
    const value = isReadOnly || entries.has(name) ? undefined : best(schema, context, depth + 1);
    if (value !== undefined) entries.set(name, value);
  }
  for (let n = 1; entries.size < minimum && n <= MAX_ITEMS && shape.extra !== false; n += 1) {
    const value = best(extraSchema(shape), context, depth + 1);
    if (value === undefined) break;
    entries.set(`key${n}`, value);
  }
  return Object.fromEntries(entries);
}
