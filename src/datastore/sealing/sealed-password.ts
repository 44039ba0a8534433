import { Errno, Password } from '../../common/index.js';
import { DatastoreException } from '../../sdk/datastore.js';
import type { SecretBox } from './secret-box.js';

/** The key that an object stands for a sealed password by; no document has it. */
export const SEALED = 'dispatcher:sealed';

/** How a password lies in the store. */
export interface SealedForm {
  readonly [SEALED]: string;
}

export function isSealedForm(value: object): value is SealedForm {
  if (!Object.hasOwn(value, SEALED)) return false;
  return typeof (value as SealedForm)[SEALED] === 'string' && Object.keys(value).length === 1;
}

/**
 * A password as rows have it that were read. It is opened when somebody asks for it and no sooner: rows
 * whose key is lost can still be listed, changed and removed, and written back it is what it was.
 */
export class SealedPassword extends Password {
  readonly #text: string;
  readonly #box: SecretBox | null;

  /** @param box - null where there is no key, in a tool */
  constructor(text: string, box: SecretBox | null) {
    super('');
    this.#text = text;
    this.#box = box;
  }

  /** @throws DatastoreException EIO when it was sealed with a key that is not here */
  override reveal(): string {
    const value = this.open();
    if (value instanceof Password) return value.reveal();
    throw unreadable('it is a value of several fields, written by an earlier version');
  }

  /**
   * What was sealed: a password, and of a setting that an earlier version wrote perhaps more.
   *
   * @throws DatastoreException EIO when it was sealed with a key that is not here
   */
  open(): unknown {
    if (this.#box === null) throw unreadable('its key is the one of the server');
    try {
      return this.#box.unseal(this.#text);
    } catch (cause) {
      throw unreadable('it was sealed with another key, or changed since', cause);
    }
  }

  /** The form in a store whose key is `box`, null when it has none. @throws DatastoreException EIO */
  formIn(box: SecretBox | null): SealedForm {
    if (this.#box === box || this.#box === null || box === null) return { [SEALED]: this.#text };
    return sealedForm(this.open(), box);
  }
}

/** A password, or what holds one, as it is stored. */
export function sealedForm(value: unknown, box: SecretBox): SealedForm {
  const text = box.seal(value);
  if (text === null) throw new TypeError('There is no password in the value');
  return { [SEALED]: text };
}

function unreadable(reason: string, cause?: unknown): DatastoreException {
  return new DatastoreException(
    Errno.EIO,
    `A stored password cannot be read: ${reason}. Bring back the key file of the state folder, or set the password anew`,
    undefined,
    { cause },
  );
}
