import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { RowId } from '../sdk/index.js';

/** Tells people and scanners for leaked secrets what they have before them. */
const PREFIX = 'dsp';
const ID_BYTES = 8;
const SECRET_BYTES = 32;
const CHECKSUM_LENGTH = 6;
const FORM = /^(dsp_([0-9a-f]{16})_[\w-]{43})([\w-]{6})$/;

/** What a key opens, and for how long. */
export interface ApiKeyGrant {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  /** The row of the owner; null for an account of the machine. Another user of that name is another. */
  readonly userId: RowId | null;
  /** Null: whatever the owner has. */
  readonly roles: readonly string[] | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

/** When and from where a key was used for the last time. */
export interface ApiKeyUse {
  readonly at: Date;
  readonly address: string;
}

/** A key as the server remembers it: not the secret, only how to know it again. */
export class ApiKey {
  lastUse: ApiKeyUse | null = null;
  #isRevoked = false;

  constructor(
    readonly grant: ApiKeyGrant,
    readonly secretHash: string,
    /** Of its row. */
    readonly rowId: RowId,
  ) {}

  get id(): string {
    return this.grant.id;
  }

  /** False once it was revoked or its time is over; whether its owner may log in is another matter. */
  get isAlive(): boolean {
    return !this.#isRevoked && !this.isExpired;
  }

  get isExpired(): boolean {
    const { expiresAt } = this.grant;
    return expiresAt !== null && expiresAt.getTime() <= Date.now();
  }

  revoke(): void {
    this.#isRevoked = true;
  }

  /** Takes the same time for every wrong key. */
  isMadeOf(key: string): boolean {
    const [own, other] = [Buffer.from(this.secretHash), Buffer.from(hashOf(key))];
    return own.length === other.length && timingSafeEqual(own, other);
  }
}

/** A new key, the id in it, and the hash that is kept. */
export function makeKey(): { readonly key: string; readonly id: string; readonly hash: string } {
  const id = randomBytes(ID_BYTES).toString('hex');
  const body = `${PREFIX}_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  const key = body + checksumOf(body);
  return { key, id, hash: hashOf(key) };
}

/** The id in a text that has the form and the checksum of a key; null for any other text. */
export function idInKey(text: string): string | null {
  const [, body, id, checksum] = FORM.exec(text) ?? [];
  return body !== undefined && id !== undefined && checksumOf(body) === checksum ? id : null;
}

/**
 * One round of SHA-256: a slow hash makes guesses dear where there is something to guess, as with a
 * password. Of 256 random bits nobody guesses any, and a key is looked at with each HTTP call.
 */
function hashOf(key: string): string {
  return hash('sha256', key, 'base64url');
}

function checksumOf(body: string): string {
  return hash('sha256', `checksum of ${body}`, 'base64url').slice(0, CHECKSUM_LENGTH);
}
