import { isEqual, isList, isObject, type Json, type JsonObject, ownValue } from './json.js';
import { fits } from './fits.js';
import type {
  AlternativesNode,
  ExtraField,
  FormNode,
  JsonNode,
  ObjectField,
  ObjectNode,
} from './nodes.js';
import type { SchemaIndex } from './schema-index.js';
import type { Schema } from './shape.js';
import type { ExtendedType, Shape } from './shape.js';

/** Deeper values are shown as JSON: nobody clicks that far, and a page has a stack of its own. */
const MAX_DEPTH = 32;
/** Required parts of required parts: where they have no end, JSON takes over. */
const MAX_EMPTY_DEPTH = 8;
/** Longer lists and larger maps are text to a person, not fields. */
const MAX_ITEMS = 200;
const MAX_EMPTY_ITEMS = 20;

export const EXTENDED_KEYS: Readonly<Record<ExtendedType, string>> = {
  datetime: '$date',
  binary: '$binary',
  password: '$password',
  long: '$long',
};

type ShapeOf<K extends Shape['kind']> = Extract<Shape, { readonly kind: K }>;

/** The form that holds this value: reading it gives the value back, whatever value it is. */
export function fill(schema: Schema, value: Json, schemaIndex: SchemaIndex, depth = 0): FormNode {
  const shape = schemaIndex.shapeOf(schema);
  if (depth > MAX_DEPTH) return jsonNode(schema, value);
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string' && !value.includes('\r')
        ? { kind: 'text', schema, text: value }
        : jsonNode(schema, value);
    case 'number':
    case 'integer':
      return typeof value === 'number'
        ? { kind: 'number', schema, text: String(value) }
        : jsonNode(schema, value);
    case 'boolean':
      return typeof value === 'boolean'
        ? { kind: 'boolean', schema, value }
        : jsonNode(schema, value);
    case 'constant':
      return isEqual(value, shape.value)
        ? { kind: 'constant', schema, value }
        : jsonNode(schema, value);
    case 'choice': {
      const index = shape.options.findIndex((option) => isEqual(option, value));
      return index === -1
        ? jsonNode(schema, value)
        : { kind: 'choice', schema, options: shape.options, index };
    }
    case 'extended':
      return fillExtended(schema, value, shape.type);
    case 'list':
      return fillList(schema, value, { shape, schemaIndex, depth });
    case 'object':
      return fillObject(schema, value, { shape, schemaIndex, depth });
    case 'alternatives':
      return fillAlternatives(schema, value, { shape, schemaIndex, depth });
    case 'any':
    case 'never':
      return jsonNode(schema, value);
  }
}

interface Frame<K extends Shape['kind']> {
  readonly shape: ShapeOf<K>;
  readonly schemaIndex: SchemaIndex;
  readonly depth: number;
}

export function jsonNode(schema: Schema, value?: Json): JsonNode {
  return { kind: 'json', schema, text: value === undefined ? '' : JSON.stringify(value, null, 2) };
}

function fillExtended(schema: Schema, value: Json, type: ExtendedType): FormNode {
  const key = EXTENDED_KEYS[type];
  if (isObject(value) && Object.keys(value).length === 1) {
    const text = ownValue(value, key);
    if (typeof text === 'string') return { kind: 'extended', schema, type, text, isWrapped: true };
  }
  if (type === 'password' && typeof value === 'string') {
    return { kind: 'extended', schema, type, text: value, isWrapped: false };
  }
  if (type === 'long' && typeof value === 'number' && Number.isSafeInteger(value)) {
    return { kind: 'extended', schema, type, text: String(value), isWrapped: false };
  }
  return jsonNode(schema, value);
}

/** The schema of a place in a list. */
export function placeOf({ places, rest }: ShapeOf<'list'>, index: number): Schema {
  return places[index] ?? rest;
}

function fillList(
  schema: Schema,
  value: Json,
  { shape, schemaIndex, depth }: Frame<'list'>,
): FormNode {
  if (!isList(value) || value.length > MAX_ITEMS) return jsonNode(schema, value);
  const items = value.map((item, index) => ({
    key: index,
    node: fill(placeOf(shape, index), item, schemaIndex, depth + 1),
  }));
  return { kind: 'list', schema, items, nextKey: items.length };
}

function fillObject(schema: Schema, value: Json, frame: Frame<'object'>): FormNode {
  if (!isObject(value)) return jsonNode(schema, value);
  const { shape, schemaIndex, depth } = frame;
  const known = new Set(shape.properties.map(({ name }) => name));
  const others = Object.keys(value).filter((name) => !known.has(name));
  if (others.length > MAX_ITEMS) return jsonNode(schema, value);
  const fields = shape.properties.map(({ name, schema: property }): ObjectField => {
    const own = ownValue(value, name);
    const node = own === undefined ? null : fill(property, own, schemaIndex, depth + 1);
    return { name, isPresent: node !== null, node };
  });
  const extras = others.map((name, key): ExtraField => {
    const node = fill(extraSchema(shape), ownValue(value, name) ?? null, schemaIndex, depth + 1);
    return { key, name, node };
  });
  return { kind: 'object', schema, fields, extras, nextKey: extras.length };
}

/** A surplus property is an error to be seen and mended, not to be dropped. */
export function extraSchema({ extra }: ShapeOf<'object'>): Schema {
  return extra === false ? true : extra;
}

function fillAlternatives(
  schema: Schema,
  value: Json,
  { shape, schemaIndex, depth }: Frame<'alternatives'>,
): FormNode {
  const scores = shape.options.map((option) => fits(option.schema, value, schemaIndex));
  const best = Math.max(...scores);
  if (best <= 0) return jsonNode(schema, value);
  const selected = scores.indexOf(best);
  const node = fill(shape.options[selected]?.schema ?? true, value, schemaIndex, depth + 1);
  return { kind: 'alternatives', schema, selected, nodes: withNode(shape, selected, node) };
}

function withNode(
  { options }: ShapeOf<'alternatives'>,
  selected: number,
  node: FormNode,
): AlternativesNode['nodes'] {
  return options.map((_, index) => (index === selected ? node : null));
}

/** The form before anything was typed: defaults, required parts, and nothing that nobody asked for. */
export function empty(schema: Schema, schemaIndex: SchemaIndex, depth = 0): FormNode {
  const shape = schemaIndex.shapeOf(schema);
  const resolved = schemaIndex.resolve(schema);
  const preset = resolved === false ? undefined : resolved['default'];
  if (preset !== undefined) return fill(schema, preset, schemaIndex, depth);
  if (depth > MAX_EMPTY_DEPTH) return jsonNode(schema);
  switch (shape.kind) {
    case 'text':
      return { kind: 'text', schema, text: '' };
    case 'number':
    case 'integer':
      return { kind: 'number', schema, text: '' };
    case 'boolean':
      return { kind: 'boolean', schema, value: false };
    case 'constant':
      return { kind: 'constant', schema, value: shape.value };
    case 'choice':
      return choiceNode(schema, shape.options);
    case 'extended':
      return {
        kind: 'extended',
        schema,
        type: shape.type,
        text: '',
        isWrapped: shape.type !== 'long',
      };
    case 'list':
      return emptyList(schema, { shape, schemaIndex, depth });
    case 'object':
      return emptyObject(schema, { shape, schemaIndex, depth });
    case 'alternatives': {
      const node = empty(shape.options[0]?.schema ?? true, schemaIndex, depth + 1);
      return { kind: 'alternatives', schema, selected: 0, nodes: withNode(shape, 0, node) };
    }
    case 'any':
    case 'never':
      return jsonNode(schema);
  }
}

/** Where there is only one option there is nothing to choose. */
function choiceNode(schema: Schema, options: readonly Json[]): FormNode {
  return { kind: 'choice', schema, options, index: options.length === 1 ? 0 : null };
}

function emptyList(schema: Schema, { shape, schemaIndex, depth }: Frame<'list'>): FormNode {
  const items = Array.from({ length: Math.min(shape.minimum, MAX_EMPTY_ITEMS) }, (_, index) => ({
    key: index,
    node: empty(placeOf(shape, index), schemaIndex, depth + 1),
  }));
  return { kind: 'list', schema, items, nextKey: items.length };
}

function emptyObject(schema: Schema, { shape, schemaIndex, depth }: Frame<'object'>): ObjectNode {
  const fields = shape.properties.map(({ name, schema: property, isRequired }): ObjectField => {
    const isPreset = isRequired || hasDefault(schemaIndex.resolve(property));
    return {
      name,
      isPresent: isPreset,
      node: isPreset ? empty(property, schemaIndex, depth + 1) : null,
    };
  });
  return { kind: 'object', schema, fields, extras: [], nextKey: 0 };
}

function hasDefault(schema: JsonObject | false): boolean {
  return schema !== false && schema['default'] !== undefined;
}
