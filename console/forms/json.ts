/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export type Path = readonly (string | number)[];

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** Own properties only, and `__proto__` is a name like any other. */
export function objectOf(entries: Iterable<readonly [string, Json]>): JsonObject {
  return Object.fromEntries(entries);
}

export function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function isEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((item, index) => isEqual(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]));
}

/** A path as a key of a map; no name can imitate the separator's meaning, because it is doubled. */
export function pathKey(path: Path): string {
  return path.map((part) => String(part).replaceAll('/', '//')).join('/|');
}

/** Between two parts: a slash that is not one half of a doubled one. */
const SEPARATOR = /(?<=(?:^|[^/])(?:\/\/)*)\/\|/;

/** The way from a path to the place of a key, places in lists as text; null for a place elsewhere. */
export function pathBelow(key: string, path: Path): readonly string[] | null {
  const parts = key === '' ? [] : key.split(SEPARATOR).map((part) => part.replaceAll('//', '/'));
  const isWithin = path.every((part, index) => String(part) === parts[index]);
  return isWithin ? parts.slice(path.length) : null;
}

/** A value in a sentence: a string as it is, everything else as JSON. */
export function wordOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

export function omit(object: JsonObject, ...keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
