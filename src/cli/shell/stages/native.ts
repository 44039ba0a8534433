import { decodeExtended } from '../../../common/portable.js';

/**
 * A value of the wire as it is compared: times as times, long integers as integers. The very same value
 * where nothing in it has a form of its own; what it is made of stays as it is.
 */
export function nativeOf(value: unknown): unknown {
  return hasExtended(value) ? decodeExtended(structuredClone(value)) : value;
}

function hasExtended(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasExtended);
  for (const key in value) {
    if (key.startsWith('$') || hasExtended((value as Record<string, unknown>)[key])) return true;
  }
  return false;
}
