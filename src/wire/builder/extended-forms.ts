import { EXTENDED_TYPE, type JsonSchema } from './json-schema.js';

/** Values that are objects with one `$key` on the wire and something better in code. */
export type ExtendedType = 'datetime' | 'binary' | 'password' | 'long';

function wireForm(key: string, payload: JsonSchema, types: unknown = 'object'): JsonSchema {
  return {
    type: types,
    properties: { [key]: { type: 'string', ...payload } },
    required: [key],
    additionalProperties: false,
  };
}

/** What each of them looks like on the wire. */
const FORMS: Readonly<Record<ExtendedType, JsonSchema>> = {
  datetime: wireForm('$date', { format: 'date-time' }),
  binary: wireForm('$binary', { contentEncoding: 'base64' }),
  // a bare string is what people type; it becomes a Password before the method sees it
  password: wireForm('$password', {}, ['object', 'string']),
  long: wireForm('$long', { pattern: '^-?[0-9]{1,40}$' }, ['object', 'integer']),
};

/** The published schema of an extended type. */
export function wireSchema(type: ExtendedType): JsonSchema {
  return { [EXTENDED_TYPE]: type, ...FORMS[type] };
}
