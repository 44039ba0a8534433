/**
 * JSON text that depends on nothing but the value: keys sorted at every level. Two equal values have
 * one text, so it serves as a hash's input and as a set's key.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return scalarText(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value instanceof Date) return `date:${value.getTime()}`;
  const members = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${members.join(',')}}`;
}

/** `undefined` has no JSON text. */
const scalarText = (value: unknown): string =>
  value === undefined ? 'undefined' : JSON.stringify(value);
