import { hash, randomBytes } from 'node:crypto';
import type { Principal } from './principal.js';

const TOKEN_BYTES = 32;
/** How long a token that was exchanged for a new one still works: a lost reply locks nobody out. */
const ROTATION_GRACE_MS = 60_000;
/** Of one user: as many as there can be connections. A client that logs in for ever must not fill the memory. */
const MAX_PER_USER = 20_000;

interface TokenRecord {
  readonly key: string;
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

/** What one user holds. */
class UserTokens {
  readonly live = new Set<TokenRecord>();
  readonly #retiring = new Set<TokenRecord>();

  get size(): number {
    return this.live.size + this.#retiring.size;
  }

  retire(record: TokenRecord): void {
    if (this.live.delete(record)) this.#retiring.add(record);
  }

  remove(record: TokenRecord): void {
    this.live.delete(record);
    this.#retiring.delete(record);
  }

  /** An exchanged token goes before any that somebody may still live by. */
  oldest(): TokenRecord | undefined {
    const [record] = this.#retiring.size > 0 ? this.#retiring : this.live;
    return record;
  }

  [Symbol.iterator](): IterableIterator<TokenRecord> {
    return [...this.live, ...this.#retiring].values();
  }
}

export interface TokenStoreOptions {
  readonly nowMs: () => number;
  readonly lifetimeMs: number;
  /** The principal as it is today; null when it may not be logged in any more. */
  readonly refresh: (principal: Principal) => Principal | null;
}

/**
 * Login tokens: 256 random bits each, kept only as a hash, with a lifetime that slides as they are
 * used. A token says who, not what: roles are looked up when it is used. The clock is passed in, so
 * that a day passes in a test as fast as it can count.
 *
 * They are kept in memory and end with the process. To outlive it, each of them, and each sliding of
 * its life, would have to be written: a write per login, for the sake of not asking for a password
 * after a restart.
 */
export class TokenStore {
  readonly #records = new Map<string, TokenRecord>();
  readonly #byUser = new Map<string, UserTokens>();
  readonly #revocations = new Set<(key: string) => void>();

  constructor(private readonly options: TokenStoreOptions) {}

  issue(principal: Principal): IssuedToken {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const key = keyOf(token);
    const expiresAtMs = this.options.nowMs() + this.options.lifetimeMs;
    this.#add({ key, principal, expiresAtMs, isRetiring: false });
    return { token, key };
  }

  /** A new token for an old one, which goes after a grace; null when it is worth nothing any more. */
  exchange(token: string): (IssuedToken & { readonly principal: Principal }) | null {
    const record = this.#records.get(keyOf(token));
    const now = this.options.nowMs();
    if (record === undefined || record.expiresAtMs <= now) return null;
    const principal = this.options.refresh(record.principal);
    if (principal === null) return null;
    this.#retire(record);
    const { token: next, key } = this.issue(principal);
    return { token: next, key, principal };
  }

  /** Who may act by the token now; null for nobody. Changes nothing: a look is no use of it. */
  principalOf(token: string): Principal | null {
    const record = this.#records.get(keyOf(token));
    if (record === undefined || record.expiresAtMs <= this.options.nowMs()) return null;
    return this.options.refresh(record.principal);
  }

  /** As {@link principalOf}, and counts as a use; with the key to know the token by. */
  use(token: string): { readonly principal: Principal; readonly key: string } | null {
    const principal = this.principalOf(token);
    if (principal === null) return null;
    const key = keyOf(token);
    this.touch(key, this.options.nowMs());
    return { principal, key };
  }

  /** Calls back with the key of each token that is taken back, and not of one that expires; returns how to stop. */
  onRevoked(listener: (key: string) => void): () => void {
    this.#revocations.add(listener);
    return () => this.#revocations.delete(listener);
  }

  /** Gives the token its whole lifetime again, counted from `usedAtMs`. */
  touch(key: string, usedAtMs: number): void {
    const record = this.#records.get(key);
    if (record?.isRetiring === false) record.expiresAtMs = usedAtMs + this.options.lifetimeMs;
  }

  /** A newer one stands in its place: it goes after the grace, as if it had been exchanged for that. */
  retire(key: string): void {
    const record = this.#records.get(key);
    if (record !== undefined) this.#retire(record);
  }

  revoke(key: string): void {
    const record = this.#records.get(key);
    if (record !== undefined) this.#revoke(record);
  }

  /** Takes back every token of a user but those named. */
  revokeUser(username: string, spared: ReadonlySet<string> = new Set()): void {
    const own = this.#byUser.get(username);
    if (own === undefined) return;
    for (const record of own) {
      if (!spared.has(record.key)) this.#revoke(record);
    }
  }

  /** Forgets what has expired; the owner calls it from time to time. */
  sweep(): void {
    const now = this.options.nowMs();
    for (const record of this.#records.values()) {
      if (record.expiresAtMs <= now) this.#remove(record);
    }
  }

  #add(record: TokenRecord): void {
    const name = String(record.principal.name);
    const own = this.#byUser.get(name) ?? new UserTokens();
    this.#byUser.set(name, own);
    const surplus = own.size >= MAX_PER_USER ? own.oldest() : undefined;
    if (surplus !== undefined) this.#remove(surplus);
    this.#records.set(record.key, record);
    own.live.add(record);
  }

  #revoke(record: TokenRecord): void {
    this.#remove(record);
    for (const listener of this.#revocations) listener(record.key);
  }

  #retire(record: TokenRecord): void {
    const endOfGraceMs = this.options.nowMs() + ROTATION_GRACE_MS;
    record.expiresAtMs = Math.min(record.expiresAtMs, endOfGraceMs);
    record.isRetiring = true;
    this.#byUser.get(String(record.principal.name))?.retire(record);
  }

  #remove(record: TokenRecord): void {
    const name = String(record.principal.name);
    const own = this.#byUser.get(name);
    this.#records.delete(record.key);
    if (own === undefined) return;
    own.remove(record);
    if (own.size === 0) this.#byUser.delete(name);
  }
}

function keyOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
