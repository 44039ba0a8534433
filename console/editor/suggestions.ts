import { findNodeAtLocation, getLocation, type Node, parseTree } from 'jsonc-parser';
import {
  type Json,
  type JsonObject,
  isList,
  type Path,
  type Schema,
  type SchemaIndex,
  summaryOf,
  wordsOf,
} from '../forms/index.js';

/** Something that may stand at a place of the text. */
export interface Suggestion {
  readonly kind: 'property' | 'value';
  /** As it is written: JSON. */
  readonly text: string;
  /** Where the cursor is put, counted from the end of the text. */
  readonly back: number;
  readonly label: string;
  readonly detail: string;
  readonly description: string | null;
}

export interface Suggestions {
  /** What of the text they replace. */
  readonly from: number;
  readonly to: number;
  /** Nothing is written there yet: who wants to see what fits has to ask. */
  readonly isBlank: boolean;
  readonly list: readonly Suggestion[];
}

/** Alternatives within alternatives, of a schema that leads in a circle. */
const MAX_DEPTH = 8;
const BARE_WORD = /[\w.+-]*$/;

/** What a schema lets stand at a place of a text that is becoming JSON. */
export function suggestionsAt(
  text: string,
  position: number,
  { schema, index }: { readonly schema: Schema; readonly index: SchemaIndex },
): Suggestions {
  const { path, isAtPropertyKey, previousNode } = getLocation(text, position);
  // after an object in a list the library still speaks of a key
  const isName = isAtPropertyKey && typeof path.at(-1) === 'string';
  const range = rangeAt(text, position, previousNode);
  const place = isName ? path.slice(0, -1) : path;
  const schemas = schemasAt(schema, place, index);
  const isFollowed = /^\s*:/.test(text.slice(range.to));
  const list = isName
    ? names(schemas, index, { taken: namesAt(text, place, range.from), isFollowed })
    : schemas.flatMap((candidate) => values(candidate, index));
  return { ...range, isBlank: range.from === position, list: distinct(list) };
}

function rangeAt(
  text: string,
  position: number,
  node: Node | undefined,
): { readonly from: number; readonly to: number } {
  if (node !== undefined && node.offset < position && position <= node.offset + node.length) {
    return { from: node.offset, to: node.offset + node.length };
  }
  const word = BARE_WORD.exec(text.slice(0, position))?.[0] ?? '';
  return { from: position - word.length, to: position };
}

/** The schemas that a value at a place may follow: several, where there are alternatives. */
function schemasAt(schema: Schema, path: Path, index: SchemaIndex): readonly Schema[] {
  return path.reduce<readonly Schema[]>(
    (schemas, part) => schemas.flatMap((candidate) => below(candidate, part, index)),
    flat(schema, index),
  );
}

function below(schema: Schema, part: string | number, index: SchemaIndex): readonly Schema[] {
  const shape = index.shapeOf(schema);
  if (shape.kind === 'list') {
    return flat(shape.places[Number(part)] ?? shape.rest, index);
  }
  if (shape.kind !== 'object') return [];
  const known = shape.properties.find(({ name }) => name === part);
  return flat(known?.schema ?? shape.extra, index);
}

function flat(schema: Schema, index: SchemaIndex, depth = 0): readonly Schema[] {
  const shape = index.shapeOf(schema);
  if (shape.kind === 'never') return [];
  if (shape.kind !== 'alternatives' || depth > MAX_DEPTH) return [schema];
  return shape.options.flatMap((option) => flat(option.schema, index, depth + 1));
}

/** Names that the object has already, but for the one that is being written. */
function namesAt(text: string, path: Path, except: number): ReadonlySet<string> {
  const root = parseTree(text);
  const object = root === undefined ? undefined : findNodeAtLocation(root, [...path]);
  const keys = object?.children?.map(({ children }) => children?.[0]) ?? [];
  return new Set(keys.flatMap((key) => (key && key.offset !== except ? [String(key.value)] : [])));
}

function names(
  schemas: readonly Schema[],
  index: SchemaIndex,
  { taken, isFollowed }: { readonly taken: ReadonlySet<string>; readonly isFollowed: boolean },
): Suggestion[] {
  return schemas.flatMap((schema) => {
    const shape = index.shapeOf(schema);
    if (shape.kind !== 'object') return [];
    return shape.properties
      .filter(({ name, isReadOnly }) => !isReadOnly && !taken.has(name))
      .map(({ name, schema: property, isRequired }) => ({
        kind: 'property' as const,
        text: `${JSON.stringify(name)}${isFollowed ? '' : ': '}`,
        back: 0,
        label: name,
        detail: `${summaryOf(property, index)}${isRequired ? ', required' : ''}`,
        description: wordsOf(property, index).description,
      }));
  });
}

function values(schema: Schema, index: SchemaIndex): Suggestion[] {
  const shape = index.shapeOf(schema);
  const detail = summaryOf(schema, index);
  const asValue = (value: Json): Suggestion => valueOf(JSON.stringify(value), detail);
  switch (shape.kind) {
    case 'choice':
      return shape.options.map(asValue);
    case 'constant':
      return [asValue(shape.value)];
    case 'boolean':
      return [asValue(true), asValue(false)];
    case 'object':
      return [...named(schema, index).map(asValue), valueOf('{}', detail, 1)];
    case 'list':
      return [...named(schema, index).map(asValue), valueOf('[]', detail, 1)];
    case 'extended':
      return shape.type === 'long' ? [] : [valueOf(`{"$${KEYS[shape.type]}": ""}`, detail, 2)];
    case 'text':
      return [...named(schema, index).map(asValue), valueOf('""', detail, 1)];
    default:
      return named(schema, index).map(asValue);
  }
}

const KEYS = { datetime: 'date', binary: 'binary', password: 'password' } as const;

function valueOf(text: string, detail: string, back = 0): Suggestion {
  return { kind: 'value', text, back, label: text, detail, description: null };
}

/** Values that the schema itself names. */
function named(schema: Schema, index: SchemaIndex): readonly Json[] {
  const resolved: JsonObject | false = index.resolve(schema);
  if (resolved === false) return [];
  const { default: usual, examples } = resolved;
  return [...(usual === undefined ? [] : [usual]), ...(isList(examples) ? examples : [])];
}

function distinct(list: readonly Suggestion[]): readonly Suggestion[] {
  return [...new Map(list.map((suggestion) => [suggestion.text, suggestion])).values()];
}
