import { Password } from '../common/index.js';
import type { ExtendedType } from '../wire/builder/index.js';
import { EXTENDED_TYPE, type JsonSchema } from './json-schema.js';

/**
 * What an extended type is in code. Schemas publish the wire form; validators, which run after decoding,
 * look at the code value.
 */
interface Extended {
  readonly expectation: string;
  readonly isCodeValue: (value: unknown) => boolean;
  /** Turns what the wire allows besides the `$key` form into the code value. */
  readonly convert?: (value: unknown) => unknown;
}

const TYPES: ReadonlyMap<string, Extended> = new Map<ExtendedType, Extended>([
  [
    'datetime',
    {
      expectation: 'must be a date and time ({"$date": "<ISO 8601>"})',
      isCodeValue: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
    },
  ],
  [
    'binary',
    {
      expectation: 'must be binary ({"$binary": "<base64>"})',
      isCodeValue: (value) => value instanceof Uint8Array,
    },
  ],
  [
    'password',
    {
      expectation: 'must be a password ({"$password": "<secret>"})',
      isCodeValue: (value) => value instanceof Password,
      convert: (value) => (typeof value === 'string' ? new Password(value) : value),
    },
  ],
  [
    'long',
    {
      expectation: 'must be an integer ({"$long": "<digits>"} when past 2^53)',
      isCodeValue: (value) => typeof value === 'bigint' || Number.isSafeInteger(value),
      convert: (value) => (Number.isSafeInteger(value) ? BigInt(value as number) : value),
    },
  ],
]);

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
