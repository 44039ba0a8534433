import { setField } from '../common/index.js';

type Settings = readonly (readonly [key: string, value: unknown])[];

/** The leaves of a nested object with their dotted keys. Arrays, dates and empty objects are leaves. */
export function flatten(values: Readonly<Record<string, unknown>>): Settings {
  return Object.entries(values).flatMap(([key, value]) =>
    isBranch(value)
      ? flatten(value).map(([rest, leaf]) => [`${key}.${rest}`, leaf] as const)
      : [[key, value] as const],
  );
}

/**
 * The nested object of dotted keys. Where a key has both a value and keys below it, the keys below
 * are shown: an object has no place for the other.
 */
export function nest(settings: Settings): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [key, value] of settings) {
    const names = key.split('.');
    const leaf = names.pop() ?? '';
    const branch = names.reduce((node, name) => branchAt(node, name), root);
    if (!isBranch(branch[leaf])) setField(branch, leaf, value);
  }
  return root;
}

function branchAt(node: Record<string, unknown>, name: string): Record<string, unknown> {
  const present = Object.hasOwn(node, name) ? node[name] : undefined;
  if (isBranch(present)) return present;
  const branch: Record<string, unknown> = {};
  setField(node, name, branch);
  return branch;
}

function isBranch(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.keys(value).length > 0;
}
