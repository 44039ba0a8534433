import { type JsonObject, wordOf } from './json.js';
import { referenceIn, type SchemaIndex } from './schema-index.js';
import type { Schema } from './shape.js';

/** The type of a value in a few words: `integer, 1 to 10`, `list of NetworkRoute`. */
export function summaryOf(schema: Schema, schemaIndex: SchemaIndex, depth = 0): string {
  if (typeof schema === 'boolean') return schema ? 'anything' : 'nothing';
  const name = referenceIn(schema);
  if (name !== null) return name;
  if (depth > 3) return '…';
  const shape = schemaIndex.shapeOf(schema);
  const resolved = schemaIndex.resolve(schema);
  const limits = resolved === false ? '' : limitsOf(resolved);
  switch (shape.kind) {
    case 'text': {
      const format = resolved === false ? undefined : resolved['format'];
      return `${typeof format === 'string' ? format : 'text'}${limits}`;
    }
    case 'number':
    case 'integer':
      return `${shape.kind}${limits}`;
    case 'boolean':
      return 'true or false';
    case 'constant':
      return shape.value === null ? 'null' : JSON.stringify(shape.value);
    case 'choice':
      return shape.options.length > 6
        ? `one of ${shape.options.length}`
        : shape.options.map((option) => wordOf(option)).join(' | ');
    case 'extended':
      return shape.type === 'long'
        ? 'large integer'
        : shape.type === 'datetime'
          ? 'date and time'
          : shape.type;
    case 'list': {
      if (shape.places.length > 0) return `list of ${shape.places.length} places`;
      return `list of ${summaryOf(shape.rest, schemaIndex, depth + 1)}${limits}`;
    }
    case 'object':
      if (shape.properties.length > 0) return 'object';
      return typeof shape.extra === 'object'
        ? `map of ${summaryOf(shape.extra, schemaIndex, depth + 1)}`
        : 'object';
    case 'alternatives':
      return shape.options
        .map(({ label, schema: option }) => {
          const summary = summaryOf(option, schemaIndex, depth + 1);
          return summary === 'object' ? label : summary;
        })
        .join(' or ');
    case 'any':
      return 'anything';
    case 'never':
      return 'nothing';
  }
}

const BOUNDS: readonly (readonly [string, string])[] = [
  ['minimum', 'maximum'],
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
];

function limitsOf(schema: JsonObject): string {
  const { multipleOf, pattern } = schema;
  const step = typeof multipleOf === 'number' ? `, in steps of ${multipleOf}` : '';
  const form = typeof pattern === 'string' ? `, like ${pattern}` : '';
  return `${boundsOf(schema)}${step}${form}`;
}

function boundsOf(schema: JsonObject): string {
  for (const [least, most] of BOUNDS) {
    const [from, to] = [schema[least], schema[most]];
    if (typeof from === 'number' && typeof to === 'number') return `, ${from} to ${to}`;
    if (typeof from === 'number' && from !== 0) return `, from ${from}`;
    if (typeof to === 'number') return `, up to ${to}`;
  }
  return '';
}

/** Words of the schema's author; text, whatever it contains. */
export function wordsOf(
  schema: Schema,
  schemaIndex: SchemaIndex,
): { title: string | null; description: string | null } {
  const resolved = typeof schema === 'boolean' ? false : schemaIndex.resolve(schema);
  if (resolved === false) return { title: null, description: null };
  const { title, description } = resolved;
  return {
    title: typeof title === 'string' ? title : null,
    description: typeof description === 'string' ? description : null,
  };
}
