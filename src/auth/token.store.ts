import { createHash, randomBytes } from 'node:crypto';
import type { Principal } from './principal.js';

const TOKEN_BYTES = 32;
/** How long a token that was exchanged for a new one still works: a lost reply locks nobody out. */
const ROTATION_GRACE_MS = 60_000;

interface TokenRecord {
  readonly principal: Principal;
  expiresAtMs: number;
  /** Exchanged for a new one: use no longer prolongs it. */
  isRetiring: boolean;
}

/** A token as its holder gets it, and the key under which the server remembers it. */
export interface IssuedToken {
  readonly token: string;
  readonly key: string;
}

/**
 * Login tokens: 256 random bits each, kept only as a hash, with a lifetime that slides as they are
 * used. The clock is passed in, so that a day passes in a test as fast as it can count.
 */
export class TokenStore {
  readonly #records = new Map<string, TokenRecord>();

  constructor(
    private readonly nowMs: () => number,
    private readonly lifetimeMs: number,
  ) {}

  issue(principal: Principal): IssuedToken {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const key = hash(token);
    this.#records.set(key, {
      principal,
      expiresAtMs: this.nowMs() + this.lifetimeMs,
      isRetiring: false,
    });
    return { token, key };
  }

  /** A new token for an old one, which goes after a grace; null when it is unknown or expired. */
  exchange(token: string): (IssuedToken & { readonly principal: Principal }) | null {
    const record = this.#records.get(hash(token));
    const now = this.nowMs();
    if (record === undefined || record.expiresAtMs <= now) return null;
    record.expiresAtMs = Math.min(record.expiresAtMs, now + ROTATION_GRACE_MS);
    record.isRetiring = true;
    return { ...this.issue(record.principal), principal: record.principal };
  }

  /** Gives the token its whole lifetime again, counted from `usedAtMs`. */
  touch(key: string, usedAtMs: number): void {
    const record = this.#records.get(key);
    if (record?.isRetiring === false) record.expiresAtMs = usedAtMs + this.lifetimeMs;
  }

  /** Forgets what has expired; the owner calls it from time to time. */
  sweep(): void {
    const now = this.nowMs();
    for (const [key, { expiresAtMs }] of this.#records) {
      if (expiresAtMs <= now) this.#records.delete(key);
    }
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
