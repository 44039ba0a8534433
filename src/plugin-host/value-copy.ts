import { Password } from '../common/index.js';

/**
 * A copy of what crosses from one plugin into another: it looks as it would to a client that got it
 * over the wire and decoded it. Without the copy a caller could change the callee's state, defaults
 * filled into arguments would appear in the caller's object, and an instance of a plugin's class in
 * another plugin's hands would keep the code of an unloaded generation alive.
 */
export function copyValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Password) return value; // immutable and the server's own
  if (value instanceof Date) return new Date(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (Array.isArray(value) || value instanceof Set) return Array.from(value, copyValue);
  if (value instanceof Map) return copyEntries(value);
  if (hasToJson(value)) return copyValue(value.toJSON());
  return copyEntries(Object.entries(value));
}

function copyEntries(entries: Iterable<readonly [unknown, unknown]>): object {
  // fromEntries defines properties, so that a key named __proto__ stays a mere key
  return Object.fromEntries(
    Array.from(entries, ([key, item]): [string, unknown] => [String(key), copyValue(item)]),
  );
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
