import type { Password } from '../../common/portable.js';
import { enumValues } from './enum-values.js';
import { wireSchema } from './extended-forms.js';
import type {
  Infer,
  InferAll,
  InferEach,
  InferObject,
  OptionalSchema,
  Schema,
  SchemaArg,
} from './infer.js';
import { CLOSED, type JsonSchema, referenceTo } from './json-schema.js';
import { OPTIONAL, WRAPPED } from './markers.js';

/** Keywords that every helper takes. `default` is filled in when an argument or property is absent. */
export interface CommonOptions<T = unknown> {
  readonly title?: string;
  readonly description?: string;
  readonly default?: T | null;
  readonly examples?: readonly T[];
  readonly readOnly?: boolean;
  readonly deprecated?: boolean;
}

export interface NumberOptions extends CommonOptions<number> {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
}

export interface StringOptions extends CommonOptions<string> {
  readonly minLength?: number;
  readonly maxLength?: number;
  /** A regular expression that matches in linear time: no look-around, no back-references. */
  readonly pattern?: string;
  readonly format?: string;
}

export interface ArrayOptions<T> extends CommonOptions<readonly T[]> {
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
}

export interface ObjectOptions extends CommonOptions<object> {
  readonly minProperties?: number;
  readonly maxProperties?: number;
  /** Default false: a surplus property of an argument is refused, because it is a typing error. */
  readonly additionalProperties?: SchemaArg | boolean;
}

type Properties = Readonly<Record<string, SchemaArg>>;
type EnumLike = Readonly<Record<string, string | number>>;
type Scalar = string | number | boolean | null;

// The type parameter lives only in the compiler, hence the one cast.
const schema = <T>(keywords: object): Schema<T> => keywords as Schema<T>;

/**
 * Helpers that build JSON Schemas and tell TypeScript what they admit. The result is a plain object,
 * which may be nested, spread and extended.
 *
 * @example
 * const disk = h.object({ name: h.string({ minLength: 1 }), size: h.integer(), label: h.optional(String) });
 * type Disk = Infer<typeof disk>; // { name: string; size: number; label?: string }
 */
export const h = {
  integer: (options: NumberOptions = {}) => schema<number>({ type: 'integer', ...options }),
  number: (options: NumberOptions = {}) => schema<number>({ type: 'number', ...options }),
  string: (options: StringOptions = {}) => schema<string>({ type: 'string', ...options }),
  boolean: (options: CommonOptions<boolean> = {}) =>
    schema<boolean>({ type: 'boolean', ...options }),
  null: (options: CommonOptions<null> = {}) => schema<null>({ type: 'null', ...options }),
  /** Admits everything. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- unchecked by definition
  any: (options: CommonOptions = {}) => schema<any>({ ...options }),

  /** A `Date` in code, `{"$date": ...}` on the wire. */
  datetime: (options: CommonOptions<Date> = {}) =>
    schema<Date>({ ...wireSchema('datetime'), ...options }),
  /** A `Uint8Array` in code, `{"$binary": ...}` on the wire. */
  binary: (options: CommonOptions<Uint8Array> = {}) =>
    schema<Uint8Array>({ ...wireSchema('binary'), ...options }),
  /** A `Password` in code, `{"$password": ...}` or a bare string on the wire. */
  password: (options: CommonOptions<never> = {}) =>
    schema<Password>({ ...wireSchema('password'), ...options }),
  /** A `bigint` in code, `{"$long": ...}` or an integer on the wire. */
  long: (options: CommonOptions<bigint> = {}) =>
    schema<bigint>({ ...wireSchema('long'), ...options }),

  array: <const S extends SchemaArg>(items: S, options: ArrayOptions<Infer<S>> = {}) =>
    schema<Infer<S>[]>({ type: 'array', items, ...options }),

  /** An array with one schema for each position; trailing ones made by `h.optional` may be left out. */
  tuple: <const S extends readonly SchemaArg[]>(...items: S) =>
    schema<InferEach<S>>({
      type: 'array',
      items,
      minItems: items.findLastIndex((item) => !isOptional(item)) + 1,
      additionalItems: false,
    }),

  /** Properties are required unless made by `h.optional` or given a `default`. */
  object: <const P extends Properties>(properties?: P, options: ObjectOptions = {}) => {
    const entries = Object.entries(properties ?? {});
    const required = entries.filter(([, value]) => !mayBeLeftOut(value)).map(([name]) => name);
    return schema<InferObject<P>>({
      type: 'object',
      ...(properties && { properties }),
      ...(required.length > 0 && { required }),
      ...(properties && { additionalProperties: false, [CLOSED]: 'arguments' }),
      ...options,
    });
  },

  /** An object whose keys are not known beforehand, with one schema for all values. */
  record: <const S extends SchemaArg>(values: S, options: CommonOptions<object> = {}) =>
    schema<Record<string, Infer<S>>>({ type: 'object', additionalProperties: values, ...options }),

  oneOf: <const S extends readonly SchemaArg[]>(...schemas: S) =>
    schema<Infer<S[number]>>({ oneOf: schemas }),
  anyOf: <const S extends readonly SchemaArg[]>(...schemas: S) =>
    schema<Infer<S[number]>>({ anyOf: schemas }),
  allOf: <const S extends readonly SchemaArg[]>(...schemas: S) =>
    schema<InferAll<S>>({ allOf: schemas }),
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- TypeScript has no complement of a type
  not: (excluded: SchemaArg) => schema<any>({ not: excluded }),

  /** One of a list of values, or a value of a TypeScript enum of either kind. */
  enumOf: <const V extends readonly Scalar[] | EnumLike>(
    values: V,
    options: CommonOptions<EnumMember<V>> = {},
  ) => {
    const members = isList(values) ? values : enumValues(values);
    return schema<EnumMember<V>>({ enum: members, ...options });
  },

  /** The schema, or null. */
  nullable: <const S extends SchemaArg>(of: S, options: CommonOptions<Infer<S>> = {}) =>
    schema<Infer<S> | null>({ anyOf: [of, { type: 'null' }], ...options }),

  /** May be left out: of an object's properties, or of the trailing arguments of a call. */
  optional: <const S extends SchemaArg>(of: S, options: CommonOptions<Infer<S>> = {}) =>
    schema({ [WRAPPED]: of, [OPTIONAL]: true, ...options }) as OptionalSchema<Infer<S>>,

  /** Never taken from a caller: dropped from arguments, or an error under `strict_validation`. */
  readonly: <const S extends SchemaArg>(of: S) =>
    schema({ [WRAPPED]: of, [OPTIONAL]: true, readOnly: true }) as OptionalSchema<Infer<S>>,

  /** The schema with more keywords, such as a description: works on classes and references too. */
  with: <const S extends SchemaArg>(of: S, keywords: JsonSchema) =>
    schema<Infer<S>>({ [WRAPPED]: of, ...keywords }),

  /** A definition by name; it may be registered later, at the latest when a value is checked. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the compiler cannot know what a name stands for
  ref: <T = any>(name: string) => schema<T>({ $ref: referenceTo(name) }),

  /** For `h.allOf`: these properties must be present. */
  required: (...names: readonly string[]) => schema<unknown>({ required: names }),

  /** For `h.allOf`: none of these properties may be present. */
  forbidden: (...names: readonly string[]) =>
    schema<unknown>({ properties: Object.fromEntries(names.map((name) => [name, false])) }),
} as const;

type EnumMember<V> = V extends readonly (infer M)[] ? M : V[keyof V];

const isList = (values: unknown): values is readonly Scalar[] => Array.isArray(values);

const isOptional = (value: SchemaArg): boolean =>
  typeof value === 'object' && value !== null && OPTIONAL in value;

const mayBeLeftOut = (value: SchemaArg): boolean =>
  isOptional(value) || (typeof value === 'object' && value !== null && 'default' in value);
