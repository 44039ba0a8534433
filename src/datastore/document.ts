import { Errno, Password, setField } from '../common/index.js';
import { DatastoreException } from '../sdk/datastore.js';
import { SEALED, type SealedForm } from './sealing/sealed-password.js';

const MAX_DEPTH = 100;
/** The size of a row as it is stored; what every driver can hold, one of them not much more. */
export const MAX_DOCUMENT_BYTES = 15 * 2 ** 20;

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/**
 * A plain copy of a document, checked. A driver can rely on it: plain objects and arrays of strings,
 * finite numbers, 64-bit integers, booleans, nulls, valid dates and bytes. What storing would change
 * is refused, so that what comes out is what went in. `undefined` is dropped from objects; Map
 * becomes an object, Set an array, an instance of a class its own fields.
 *
 * @throws DatastoreException EINVAL with the path of what cannot be stored
 */
export function normaliseDocument(collection: string, document: unknown): Record<string, unknown> {
  const { id, fields } = normaliseRow(collection, document);
  return id === undefined ? fields : { id, ...fields };
}

/** A row's `id`, undefined when it has none, and all its other fields. */
export interface NormalRow {
  readonly id: unknown;
  readonly fields: Record<string, unknown>;
  /** Whether there is a password in it, sealed now. */
  readonly hasPasswords: boolean;
}

/** What a password is stored as; null when it cannot be stored. */
export type Seal = (password: Password) => SealedForm | null;

const WITHOUT_KEY: Seal = () => null;

/**
 * As {@link normaliseDocument}, with the id apart: to take it off again would cost another copy.
 *
 * @throws DatastoreException EINVAL with the path of what cannot be stored
 */
export function normaliseRow(
  collection: string,
  document: unknown,
  seal: Seal = WITHOUT_KEY,
): NormalRow {
  const copier = new DocumentCopier(collection, seal);
  if (!isRow(document)) {
    throw copier.refuse('a row is an object');
  }
  return copier.copyRow(document);
}

type Fields = Record<string, unknown>;

function isRow(document: unknown): document is object {
  if (typeof document !== 'object' || document === null) return false;
  return !Array.isArray(document) && !(document instanceof Password);
}

class DocumentCopier {
  // One path for the whole walk: an array per value would cost more than the copy
  readonly #place: (string | number)[] = [];

  #hasPasswords = false;

  constructor(
    private readonly collection: string,
    private readonly seal: Seal,
  ) {}

  copy(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        if (!value.isWellFormed()) throw this.refuse('text that is not valid Unicode');
        return value;
      case 'number':
        if (!Number.isFinite(value)) throw this.refuse(`${value} is not a JSON number`);
        return value === 0 ? 0 : value; // -0 would come back as 0 from some stores
      case 'bigint':
        if (value > INT64_MAX || value < INT64_MIN) throw this.refuse('more than 64 bits');
        return value;
      case 'boolean':
        return value;
      case 'undefined':
        return null;
      case 'object':
        return value === null ? null : this.#copyObject(value);
      default:
        throw this.refuse(`a ${typeof value} is not data`);
    }
  }

  copyRow(row: object): NormalRow {
    if (Object.getPrototypeOf(row) !== Object.prototype || hasJsonForm(row)) {
      const { id, ...fields } = this.copy(row) as Record<string, unknown>;
      return { id, fields, hasPasswords: this.#hasPasswords };
    }
    const { id, ...others } = row as Record<string, unknown>;
    const fields = this.#settle(others);
    return {
      id: id === undefined ? undefined : this.copy(id),
      fields,
      hasPasswords: this.#hasPasswords,
    };
  }

  refuse(reason: string): DatastoreException {
    const path = this.#place.slice(0, 8);
    const where = path.length === 0 ? '' : ` at ${path.join('.')}`;
    const message = `Collection ${this.collection}: cannot store the row: ${reason}${where}`;
    return new DatastoreException(Errno.EINVAL, message, { collection: this.collection, path });
  }

  #copyObject(value: object): unknown {
    if (this.#place.length > MAX_DEPTH) throw this.refuse('nested too deeply');
    if (value instanceof Date) {
      if (Number.isNaN(value.getTime())) throw this.refuse('an invalid date');
      return value;
    }
    if (value instanceof Uint8Array) return Buffer.from(value);
    if (value instanceof Password) return this.#sealed(value);
    if (Array.isArray(value)) return this.#copyItems(value);
    if (value instanceof Set) return this.#copyItems([...value]);
    if (value instanceof Map) return this.#settle(Object.fromEntries(value) as Fields);
    if (hasJsonForm(value)) return this.copy(value.toJSON());
    return this.#settle({ ...(value as Fields) });
  }

  #sealed(password: Password): SealedForm {
    const form = this.seal(password);
    if (form === null) throw this.refuse('a password: there is no key here to seal it with');
    this.#hasPasswords = true;
    return form;
  }

  #copyItems(items: readonly unknown[]): unknown[] {
    const copies: unknown[] = [];
    for (let index = 0; index < items.length; index += 1) {
      this.#place.push(index);
      copies.push(this.copy(items[index]));
      this.#place.pop();
    }
    return copies;
  }

  /** Makes an object that is a copy already, and whose values are not, one through and through. */
  #settle(fields: Fields): Fields {
    for (const key in fields) {
      const item = fields[key];
      if (item === undefined) {
        Reflect.deleteProperty(fields, key);
        continue;
      }
      this.#place.push(key);
      if (key === SEALED || key.includes('\0') || !key.isWellFormed()) {
        throw this.refuse('an unfit key');
      }
      const copy = this.copy(item);
      if (!Object.is(copy, item)) setField(fields, key, copy);
      this.#place.pop();
    }
    return fields;
  }
}

function hasJsonForm(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

/** @throws DatastoreException EOVERFLOW */
export function assertDocumentSize(collection: string, bytes: number): void {
  if (bytes <= MAX_DOCUMENT_BYTES) return;
  throw new DatastoreException(
    Errno.EOVERFLOW,
    `Collection ${collection}: a row of ${bytes} bytes is too big: at most ${MAX_DOCUMENT_BYTES}`,
    { collection, bytes },
  );
}
