import { Errno, holdsPassword, mapFields, mapItems, Password } from '../../common/index.js';
import type { Condition, FieldPath } from '../../common/query/index.js';
import { DatastoreException } from '../../sdk/datastore.js';
import type { SecretBox } from './secret-box.js';
import {
  isSealedForm,
  SEALED,
  type SealedForm,
  sealedForm,
  SealedPassword,
} from './sealed-password.js';

/** Seals the passwords in what is written, and closes those in what is read: no driver ever sees one. */
export class RowSealer {
  /** @param box - null: passwords that are sealed already are kept, new ones refused */
  constructor(private readonly box: SecretBox | null) {}

  /** The form that is stored; null when there is no key for it. @throws DatastoreException EIO */
  seal(password: Password): SealedForm | null {
    if (password instanceof SealedPassword) return password.formIn(this.box);
    return this.box === null ? null : sealedForm(password, this.box);
  }

  /** The row with passwords in place of their stored form; the very same row when it has none. */
  close<T>(row: T): T {
    return this.#closed(row) as T;
  }

  readonly #closed = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Date || value instanceof Uint8Array) return value;
    if (Array.isArray(value)) return mapItems(value, this.#closed);
    if (isSealedForm(value)) return new SealedPassword(value[SEALED], this.box);
    return mapFields(value as Record<string, unknown>, this.#closed);
  };
}

/** What was sealed, wherever it is in the value. @throws DatastoreException EIO when the key is not here */
export function openSealed(value: unknown): unknown {
  if (value instanceof SealedPassword) return value.open();
  if (typeof value !== 'object' || value === null || value instanceof Password) return value;
  if (value instanceof Date || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return mapItems(value, openSealed);
  return mapFields(value as Record<string, unknown>, openSealed);
}

/**
 * A sealed password can be there or not; nothing else is to be found out about it by asking.
 *
 * @throws DatastoreException EINVAL for a condition on how it is stored, or with a password in it
 */
export function assertNothingSealed(condition: Condition): void {
  switch (condition.kind) {
    case 'group':
      condition.conditions.forEach(assertNothingSealed);
      return;
    case 'comparison':
      assertNoSealedPath(condition.path);
      assertNoPassword([condition.value]);
      return;
    case 'membership':
      assertNoSealedPath(condition.path);
      assertNoPassword(condition.values);
      return;
    case 'pattern':
      assertNoSealedPath(condition.path);
  }
}

/** @throws DatastoreException EINVAL */
export function assertNoSealedPath(path: FieldPath): void {
  if (path.includes(SEALED)) {
    throw new DatastoreException(Errno.EINVAL, `The field ${path.join('.')} cannot be asked for`);
  }
}

function assertNoPassword(values: readonly unknown[]): void {
  if (!values.some(holdsPassword)) return;
  throw new DatastoreException(
    Errno.EINVAL,
    'A filter cannot hold a password: passwords are sealed, no row can be found by one',
  );
}
