import { setField } from '../../common/index.js';

/** What is nested deeper is no small change any more, and may have no end. */
const MAX_DEPTH = 4;
/** About what a value takes besides its characters, if it has any. */
const VALUE_SIZE = 16;

/** What nobody else can change, and about how many bytes it takes. */
export interface PlainCopy<T> {
  readonly value: T;
  readonly size: number;
}

/**
 * Copies what most events consist of: fields of text, numbers, dates and short lists, which always have a
 * JSON form. Null for everything else: of that only its text is safe to keep.
 *
 * @example
 * plainCopy({ id: 7, name: 'scrub' }); // { value: { id: 7, name: 'scrub' }, size: 59 }
 */
export function plainCopy<T>(value: T): PlainCopy<T> | null {
  const copier = new Copier();
  const copy = copier.copy(value, 0);
  return copy === undefined ? null : { value: copy as T, size: copier.size };
}

/** Its methods answer undefined, which is no JSON, for what is not plain. */
class Copier {
  size = 0;

  copy(value: unknown, depth: number): unknown {
    this.size += VALUE_SIZE;
    switch (typeof value) {
      case 'string':
        this.size += value.length;
        return value;
      case 'number':
        return Number.isFinite(value) ? value : undefined;
      case 'boolean':
        return value;
      case 'object':
        return value === null ? value : this.#copyObject(value, depth + 1);
      default:
        return undefined;
    }
  }

  #copyObject(value: object, depth: number): unknown {
    if (depth > MAX_DEPTH) return undefined;
    if (Array.isArray(value)) return this.#copyItems(value, depth);
    if (Object.getPrototypeOf(value) === Object.prototype) {
      return this.#copyFields(value as Record<string, unknown>, depth);
    }
    if (!(value instanceof Date)) return undefined;
    const time = value.getTime();
    return Number.isNaN(time) ? undefined : new Date(time);
  }

  #copyItems(items: readonly unknown[], depth: number): unknown[] | undefined {
    const copies = [...items]; // an array that grows is given room for 17
    for (let i = 0; i < copies.length; i += 1) {
      const copy = this.copy(copies[i], depth);
      if (copy === undefined) return undefined;
      copies[i] = copy;
    }
    return copies;
  }

  #copyFields(fields: Record<string, unknown>, depth: number): object | undefined {
    const copies: Record<string, unknown> = {};
    for (const key in fields) {
      const copy = this.copy(fields[key], depth);
      if (copy === undefined) return undefined;
      setField(copies, key, copy);
      this.size += key.length;
    }
    return copies;
  }
}
