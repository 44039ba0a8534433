const MAX_DEPTH = 1_000;
const MAX_SHOWN = 8;

type Place = (string | number)[];

/** True for what JSON.stringify makes null of without a word: NaN, Infinity and a date that is none. */
export function isUnfit(value: unknown): boolean {
  return typeof value === 'number'
    ? !Number.isFinite(value)
    : value instanceof Date && Number.isNaN(value.getTime());
}

/** Where in a value the first unfit one is, and which it is; null when there is none. */
export function describeUnfit(value: unknown): string | null {
  const place: Place = [];
  const found = find(value, place);
  if (found === null) return null;
  const path = place.slice(0, MAX_SHOWN).join('.');
  return `${String(found.unfit)}${path === '' ? '' : ` at ${path}`} has no JSON form`;
}

function find(value: unknown, place: Place): { readonly unfit: unknown } | null {
  if (isUnfit(value)) return { unfit: value };
  if (typeof value !== 'object' || value === null || place.length > MAX_DEPTH) return null;
  if (ArrayBuffer.isView(value)) return null;
  for (const [key, item] of entriesOf(value)) {
    place.push(key);
    const found = find(item, place);
    if (found !== null) return found;
    place.pop();
  }
  return null;
}

function entriesOf(value: object): Iterable<[string | number, unknown]> {
  if (Array.isArray(value)) return value.entries();
  if (value instanceof Set) return [...value].entries();
  if (value instanceof Map) return value.entries() as Iterable<[string, unknown]>;
  const json = 'toJSON' in value && typeof value.toJSON === 'function' ? jsonOf(value) : value;
  return typeof json === 'object' && json !== null ? Object.entries(json) : [['', json]];
}

function jsonOf(value: object): unknown {
  return (value as { toJSON(): unknown }).toJSON();
}
