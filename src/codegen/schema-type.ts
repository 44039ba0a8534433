import type { ApiSchema } from './api-description.js';
import { propertyKey } from './identifiers.js';
import { docComment, indented, quoted } from './text.js';

/** What stands for the values that JSON has no word for. */
const EXTENDED: ReadonlyMap<unknown, string> = new Map([
  ['datetime', 'Date'],
  ['binary', 'Uint8Array'],
  ['password', 'Password | string'],
  ['long', 'bigint | number'],
]);
const PRIMITIVES: ReadonlyMap<unknown, string> = new Map([
  ['string', 'string'],
  ['number', 'number'],
  ['integer', 'number'],
  ['boolean', 'boolean'],
  ['null', 'null'],
]);
const REFERENCE = /^#\/definitions\/(.+)$/;
/** A tuple longer than that is an array to whoever reads the type. */
const LONGEST_TUPLE = 64;

/**
 * The TypeScript type of what a schema admits, as far as types can say it: bounds and patterns are
 * left to the server. What says nothing, or what nobody here knows, is `unknown`.
 */
export class SchemaTypes {
  #isArgument = false;
  /** Definitions that are being written out. */
  readonly #within = new Set<string>();

  /** @param names - of the definitions, as the types of them are called */
  constructor(
    private readonly names: ReadonlyMap<string, string>,
    private readonly definitions: Readonly<Record<string, ApiSchema>>,
  ) {}

  /** What a caller may give: a property with a default is filled in by the server. */
  argument(schema: ApiSchema | undefined): string {
    this.#isArgument = true;
    try {
      return this.of(schema);
    } finally {
      this.#isArgument = false;
    }
  }

  of(schema: ApiSchema | undefined): string {
    if (schema === undefined || schema === true) return 'unknown';
    if (schema === false) return 'never';
    const extended = EXTENDED.get(schema['x-dispatcher-type']);
    if (extended !== undefined) return extended;
    return intersection(this.#parts(schema));
  }

  /** The members of an interface; null when the schema is no plain object. */
  members(schema: ApiSchema): string | null {
    if (typeof schema === 'boolean' || schema['type'] !== 'object') return null;
    if (!isRecord(schema['properties']) || !isInterface(schema)) return null;
    return this.#members(schema);
  }

  /** What all of the schema's words say, each for itself. */
  #parts(schema: Readonly<Record<string, unknown>>): string[] {
    const { $ref, const: constant, enum: values, anyOf, oneOf, allOf, type, nullable } = schema;
    if (typeof $ref === 'string') return [this.#reference($ref)];
    if (constant !== undefined) return [literal(constant)];
    if (Array.isArray(values)) return [union(values.map(literal))];
    const parts = [anyOf, oneOf].flatMap((alternatives) =>
      Array.isArray(alternatives)
        ? [union(alternatives.map((one) => this.of(one as ApiSchema)))]
        : [],
    );
    if (Array.isArray(allOf)) parts.push(...allOf.map((one) => this.of(one as ApiSchema)));
    const types = [type].flat().filter((one) => one !== undefined);
    const own = types.length > 0 ? types : impliedTypes(schema);
    if (own.length > 0) parts.push(union(own.map((one) => this.#typed(one, schema))));
    return nullable === true ? [union([intersection(parts), 'null'])] : parts;
  }

  #typed(type: unknown, schema: Readonly<Record<string, unknown>>): string {
    if (type === 'object') return this.#object(schema);
    if (type === 'array') return this.#array(schema);
    return PRIMITIVES.get(type) ?? 'unknown';
  }

  #reference(reference: string): string {
    const name = REFERENCE.exec(reference)?.[1] ?? '';
    const plain = name.replaceAll('~1', '/').replaceAll('~0', '~');
    const known = this.names.has(plain) ? plain : decodeURIComponent(plain);
    const type = this.names.get(known);
    if (type === undefined) return 'unknown';
    const definition = this.definitions[known];
    if (!this.#isArgument || filledIn(definition).length === 0 || this.#within.has(known)) {
      return type;
    }
    this.#within.add(known);
    try {
      return this.of(definition); // written out: it is another type than that of an answer
    } finally {
      this.#within.delete(known);
    }
  }

  #object(schema: Readonly<Record<string, unknown>>): string {
    const { properties, additionalProperties: others } = schema;
    const hasProperties = isRecord(properties) && Object.keys(properties).length > 0;
    const rest = isRecord(others) ? this.of(others) : 'unknown';
    if (!hasProperties) {
      return `Readonly<Record<string, ${others === false ? 'never' : rest}>>`;
    }
    const own = `{\n${indented(this.#members(schema))}\n}`;
    return isRecord(others) ? `${own} & Readonly<Record<string, unknown>>` : own;
  }

  #members(schema: Readonly<Record<string, unknown>>): string {
    const { properties, required, additionalProperties: others } = schema;
    const needed = new Set(Array.isArray(required) ? required : []);
    if (this.#isArgument) for (const name of filledIn(schema)) needed.delete(name);
    const lines = Object.entries((properties ?? {}) as Record<string, ApiSchema>).map(
      ([name, property]) => {
        const mark = needed.has(name) ? '' : '?';
        const type = this.of(property) + (mark === '' ? '' : ' | undefined');
        return `${docComment(property)}readonly ${propertyKey(name)}${mark}: ${type};`;
      },
    );
    if (others === undefined || others === true) lines.push('readonly [more: string]: unknown;');
    return lines.join('\n');
  }

  #array({
    items,
    prefixItems,
    minItems,
    maxItems,
    additionalItems,
  }: Readonly<Record<string, unknown>>): string {
    const tuple = Array.isArray(prefixItems) ? prefixItems : items;
    if (!Array.isArray(tuple)) return `readonly ${grouped(this.of(items as ApiSchema))}[]`;
    if (tuple.length > LONGEST_TUPLE) return 'readonly unknown[]';
    const least = typeof minItems === 'number' ? minItems : 0;
    const elements = (tuple as ApiSchema[]).map((item, index) =>
      index < least ? this.of(item) : `${grouped(this.of(item))}?`,
    );
    const isClosed = additionalItems === false || maxItems === tuple.length;
    const rest = isRecord(additionalItems) ? this.of(additionalItems) : 'unknown';
    if (!isClosed) elements.push(`...${grouped(rest)}[]`);
    return `readonly [${elements.join(', ')}]`;
  }
}

/** Required properties that the server fills in when they are not given. */
function filledIn(schema: ApiSchema | undefined): readonly string[] {
  if (!isRecord(schema) || !isRecord(schema['properties'])) return [];
  const { properties, required } = schema;
  const needed = new Set(Array.isArray(required) ? (required as unknown[]) : []);
  return Object.entries(properties)
    .filter(([name, property]) => needed.has(name) && isRecord(property) && 'default' in property)
    .map(([name]) => name);
}

/** Words for objects and arrays say of what type they speak. */
function impliedTypes(schema: Readonly<Record<string, unknown>>): string[] {
  if (schema['properties'] !== undefined) return ['object'];
  return schema['items'] !== undefined ? ['array'] : [];
}

/** Nothing beside the properties that an interface could not say. */
function isInterface(schema: Readonly<Record<string, unknown>>): boolean {
  const besides = [
    'anyOf',
    'oneOf',
    'allOf',
    'enum',
    'const',
    '$ref',
    'x-dispatcher-type',
    'nullable',
  ];
  return (
    besides.every((word) => schema[word] === undefined) && !isRecord(schema['additionalProperties'])
  );
}

function union(types: readonly string[]): string {
  const different = [...new Set(types)];
  if (different.length === 0) return 'never';
  if (different.includes('unknown')) return 'unknown';
  return different.join(' | ');
}

function intersection(types: readonly string[]): string {
  const different = [...new Set(types)].filter((type) => type !== 'unknown');
  if (different.length === 0) return 'unknown';
  return different.length === 1 ? (different[0] ?? '') : different.map(grouped).join(' & ');
}

/** As part of a larger type. */
function grouped(type: string): string {
  return / [|&] |^readonly /.test(type) ? `(${type})` : type;
}

function literal(value: unknown): string {
  const isPrimitive = ['string', 'number', 'boolean'].includes(typeof value) || value === null;
  return isPrimitive ? quoted(value) : 'unknown';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
