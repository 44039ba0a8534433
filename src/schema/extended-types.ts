import { Password } from '../common/index.js';
import { EXTENDED_TYPE, type JsonSchema } from './json-schema.js';

/**
 * Values that are objects with one `$key` on the wire and something better in code. Schemas publish
 * the wire form; validators, which run after decoding, look at the code value.
 */
export type ExtendedType = 'datetime' | 'binary' | 'password' | 'long';

interface Extended {
  readonly wire: JsonSchema;
  readonly expectation: string;
  readonly isCodeValue: (value: unknown) => boolean;
  /** Turns what the wire allows besides the `$key` form into the code value. */
  readonly convert?: (value: unknown) => unknown;
}

function wireForm(key: string, payload: JsonSchema, types: unknown = 'object'): JsonSchema {
  return {
    type: types,
    properties: { [key]: { type: 'string', ...payload } },
    required: [key],
    additionalProperties: false,
  };
}

const TYPES = new Map<string, Extended>([
  [
    'datetime',
    {
      wire: wireForm('$date', { format: 'date-time' }),
      expectation: 'must be a date and time ({"$date": "<ISO 8601>"})',
      isCodeValue: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
    },
  ],
  [
    'binary',
    {
      wire: wireForm('$binary', { contentEncoding: 'base64' }),
      expectation: 'must be binary ({"$binary": "<base64>"})',
      isCodeValue: (value) => value instanceof Uint8Array,
    },
  ],
  [
    'password',
    {
      // A bare string is what people type; it becomes a Password before the method sees it.
      wire: wireForm('$password', {}, ['object', 'string']),
      expectation: 'must be a password ({"$password": "<secret>"})',
      isCodeValue: (value) => value instanceof Password,
      convert: (value) => (typeof value === 'string' ? new Password(value) : value),
    },
  ],
  [
    'long',
    {
      wire: wireForm('$long', { pattern: '^-?[0-9]{1,40}$' }, ['object', 'integer']),
      expectation: 'must be an integer ({"$long": "<digits>"} when past 2^53)',
      isCodeValue: (value) => typeof value === 'bigint' || Number.isSafeInteger(value),
      convert: (value) => (Number.isSafeInteger(value) ? BigInt(value as number) : value),
    },
  ],
]);

/** The published schema of an extended type. */
export function wireSchema(type: ExtendedType): JsonSchema {
  return { [EXTENDED_TYPE]: type, ...TYPES.get(type)?.wire };
}

/** What is known of the type a schema is marked with; undefined when it is not, or not one of ours. */
export function extendedType(schema: JsonSchema): Extended | undefined {
  const type = schema[EXTENDED_TYPE];
  return typeof type === 'string' ? TYPES.get(type) : undefined;
}

export const isExtendedTypeName = (name: unknown): name is ExtendedType =>
  typeof name === 'string' && TYPES.has(name);

/** Objects in code that are something else on the wire, and so never fit `type: object`. */
export function isOpaque(value: unknown): boolean {
  return value instanceof Date || value instanceof Uint8Array || value instanceof Password;
}
