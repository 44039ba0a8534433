import { isList, isObject, type Json, type JsonObject, omit } from './json.js';
import { typesOf } from './merge.js';

/** A JSON Schema as the server publishes it: draft-07, references only to `#/definitions/Name`. */
export type Schema = boolean | JsonObject;

export type ExtendedType = 'datetime' | 'binary' | 'password' | 'long';

export interface Property {
  readonly name: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
  /** Never taken from a caller: shown only where a value has it. */
  readonly isReadOnly: boolean;
}

interface Alternative {
  readonly label: string;
  readonly schema: Schema;
}

/** How a schema is shown and entered, once references and `allOf` are out of the way. */
export type Shape =
  | { readonly kind: 'any' | 'never' | 'text' | 'number' | 'integer' | 'boolean' }
  | { readonly kind: 'constant'; readonly value: Json }
  | { readonly kind: 'choice'; readonly options: readonly Json[] }
  | { readonly kind: 'extended'; readonly type: ExtendedType }
  | {
      readonly kind: 'list';
      /** Schemas of the first places. */
      readonly places: readonly Schema[];
      /** Of all further places; false when there may be none. */
      readonly rest: Schema;
      readonly minimum: number;
    }
  | {
      readonly kind: 'object';
      readonly properties: readonly Property[];
      /** Of names that are not known beforehand; false when there may be none. */
      readonly extra: Schema;
    }
  | { readonly kind: 'alternatives'; readonly options: readonly Alternative[] };

const EXTENDED = new Set<unknown>(['datetime', 'binary', 'password', 'long']);
const OBJECT_WORDS = ['properties', 'required', 'patternProperties', 'additionalProperties'];
/** A value of such a size is easier to write than to click together. */
const MAX_ALTERNATIVES = 100;

type Resolve = (schema: Schema) => JsonObject | false;

export function shapeOf(schema: JsonObject | false, resolve: Resolve): Shape {
  if (schema === false) return { kind: 'never' };
  const extended = schema['x-dispatcher-type'];
  if (EXTENDED.has(extended)) return { kind: 'extended', type: extended as ExtendedType };
  if ('const' in schema) return { kind: 'constant', value: schema['const'] ?? null };
  const { enum: options } = schema;
  if (isList(options)) return { kind: 'choice', options };
  return unionShape(schema, resolve) ?? typedShape(schema, resolve);
}

function unionShape(schema: JsonObject, resolve: Resolve): Shape | null {
  for (const keyword of ['oneOf', 'anyOf']) {
    const branches = schema[keyword];
    if (!isList(branches) || branches.length === 0) continue;
    if (branches.length > MAX_ALTERNATIVES) return { kind: 'any' };
    const base = omit(schema, keyword, 'title', 'description', 'default');
    const isBare = Object.keys(base).length === 0;
    const schemas = branches.map((branch) =>
      isBare ? (branch as Schema) : { allOf: [base, branch] },
    );
    return { kind: 'alternatives', options: labelled(schemas, branches as Schema[], resolve) };
  }
  const types = typesOf(schema['type']);
  if (types.length < 2) return null;
  const options = types.map((type) => ({ label: type, schema: { ...schema, type } }));
  return { kind: 'alternatives', options };
}

function labelled(
  schemas: readonly Schema[],
  branches: readonly Schema[],
  resolve: Resolve,
): Alternative[] {
  const labels = branches.map((branch) => labelOf(branch, resolve));
  return schemas.map((schema, index) => {
    const label = labels[index] ?? '';
    const isUnique = labels.filter((other) => other === label).length === 1;
    return { label: isUnique ? label : `${label} ${index + 1}`, schema };
  });
}

function labelOf(branch: Schema, resolve: Resolve): string {
  const resolved = resolve(branch);
  if (resolved === false) return 'nothing';
  if (typeof resolved['title'] === 'string') return resolved['title'];
  const reference = typeof branch === 'object' ? branch['$ref'] : undefined;
  if (typeof reference === 'string') return reference.split('/').at(-1) ?? reference;
  if ('const' in resolved) return JSON.stringify(resolved['const']);
  const tag = tagOf(resolved);
  if (tag !== null) return tag;
  const types = typesOf(resolved['type']);
  if (types.length > 0) return types.join(' or ');
  return isList(resolved['enum']) ? 'choice' : 'anything';
}

/** `{ kind: 'circle', ... }`: the one property that can only be one thing names the branch. */
function tagOf({ properties }: JsonObject): string | null {
  if (!isObject(properties)) return null;
  for (const schema of Object.values(properties)) {
    if (!isObject(schema)) continue;
    const only =
      schema['const'] ??
      (isList(schema['enum']) && schema['enum'].length === 1 ? schema['enum'][0] : null);
    if (typeof only === 'string') return only;
  }
  return null;
}

function typedShape(schema: JsonObject, resolve: Resolve): Shape {
  const [type] = typesOf(schema['type']);
  switch (type) {
    case 'string':
      return { kind: 'text' };
    case 'number':
    case 'integer':
    case 'boolean':
      return { kind: type };
    case 'null':
      return { kind: 'constant', value: null };
    case 'array':
      return listShape(schema);
    case 'object':
      return objectShape(schema, resolve);
    case undefined:
      return OBJECT_WORDS.some((word) => word in schema)
        ? objectShape(schema, resolve)
        : { kind: 'any' };
    default:
      return { kind: 'any' };
  }
}

function listShape({ items, additionalItems = true, minItems }: JsonObject): Shape {
  const minimum = typeof minItems === 'number' ? minItems : 0;
  if (isList(items)) {
    return { kind: 'list', places: items as Schema[], rest: additionalItems as Schema, minimum };
  }
  return { kind: 'list', places: [], rest: (items ?? true) as Schema, minimum };
}

function objectShape(schema: JsonObject, resolve: Resolve): Shape {
  const { properties, required, additionalProperties = true, patternProperties } = schema;
  const names = new Set<Json>(isList(required) ? required : []);
  const known: Property[] = [];
  for (const [name, property] of Object.entries(isObject(properties) ? properties : {})) {
    const resolved = resolve(property as Schema);
    if (resolved === false) continue;
    const isReadOnly = resolved['readOnly'] === true;
    const isRequired = names.has(name) && !isReadOnly;
    known.push({ name, schema: property as Schema, isRequired, isReadOnly });
    names.delete(name);
  }
  // required, but described nowhere
  for (const name of names) {
    if (typeof name === 'string' && !known.some((property) => property.name === name)) {
      known.push({ name, schema: true, isRequired: true, isReadOnly: false });
    }
  }
  return {
    kind: 'object',
    properties: known,
    extra: extraOf(additionalProperties, patternProperties),
  };
}

/** Which pattern a new name will match is not known: with several, anything may be entered. */
function extraOf(additional: Json, patterns: Json | undefined): Schema {
  const schemas = isObject(patterns) ? Object.values(patterns) : [];
  if (schemas.length === 0) return additional as Schema;
  return schemas.length === 1 && additional === false ? (schemas[0] as Schema) : true;
}
