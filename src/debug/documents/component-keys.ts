/**
 * Names as keys of a document's components, which may hold letters, digits, `.`, `_` and `-` only.
 * Two names never share a key.
 */
export class ComponentKeys {
  readonly #keys = new Map<string, string>();

  constructor(names: Iterable<string>) {
    const taken = new Set<string>();
    for (const name of names) {
      let key = name.replaceAll(/[^\w.-]/gu, hexadecimal);
      while (taken.has(key)) key += '_';
      taken.add(key);
      this.#keys.set(name, key);
    }
  }

  /** Null for a name that is none of them. */
  get(name: string): string | null {
    return this.#keys.get(name) ?? null;
  }

  /** The members of an object under their keys. */
  rename<T, U>(values: Iterable<readonly [string, T]>, map: (value: T, name: string) => U) {
    const entries = Array.from(values, ([name, value]) => [
      this.get(name) ?? name,
      map(value, name),
    ]);
    return Object.fromEntries(entries) as Record<string, U>;
  }
}

function hexadecimal(character: string): string {
  return `_${(character.codePointAt(0) ?? 0).toString(16)}`;
}
