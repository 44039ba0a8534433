import { branchesOf, type Definitions, type Schema, specialOf } from './schema.js';

const SPECIAL: ReadonlyMap<string, string> = new Map([
  ['datetime', 'time'],
  ['long', 'integer'],
  ['binary', 'bytes'],
]);
const LONGEST = 60;

/** What a schema takes, in a word or two: `integer`, `text`, `once | none`, `list of text`. */
export function describeSchema(schema: unknown, definitions: Definitions): string {
  const words = branchesOf(schema, definitions).map((branch) => wordFor(branch, definitions));
  const text = [...new Set(words)].join(' | ');
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

function wordFor(schema: Schema, definitions: Definitions): string {
  const special = specialOf(schema);
  if (special !== null) return SPECIAL.get(special) ?? special;
  const { enum: choices, type, items } = schema;
  if (Array.isArray(choices)) return choices.map(String).join(' | ');
  if ('const' in schema) return String(schema['const']);
  if (type === 'array') {
    return Array.isArray(items) || items === undefined
      ? 'list'
      : `list of ${describeSchema(items, definitions)}`;
  }
  if (type === 'string') return 'text';
  return typeof type === 'string' ? type : 'anything';
}
