import { hash, randomBytes } from 'node:crypto';
import { type SharedToken, type SharedTokens } from '../cluster/index.js';
import type { Principal } from './principal.js';

const TOKEN_BYTES = 32;
/** How long a token that was exchanged for a new one still works: a lost reply locks nobody out. */
const ROTATION_GRACE_MS = 60_000;
/** How much of a token's life may pass before other nodes are told that it was used. */
const TOLD_USE = 0.25;
/** How long another node's word is not taken that a token was revoked with all others of its user. */
const SPARED_MS = 10_000;
/** A token, and not an API key. */
const TOKEN = /^[\w-]{43}$/;
/** Of one user: as many as there can be connections. A client that logs in for ever must not fill the memory. */
const MAX_PER_USER = 20_000;

interface TokenRecord {
  readonly key: string;
  readonly principal: Principal;
  expiresAtMs: number;
  /** Exchanged for a new one: use no longer prolongs it. */
  isRetiring: boolean;
  /** What other nodes know of its life. */
  toldExpiresAtMs: number;
  /** Which change of it was heard of last; 0 for none. */
  revision: number;
}

type Readable = Pick<TokenRecord, 'principal' | 'expiresAtMs' | 'isRetiring'>;

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
  /** The other nodes at which a token works; none, if not given. */
  readonly shared?: TokenSharing;
}

interface TokenSharing {
  readonly tokens: SharedTokens;
  /** Who holds a token of another node, before `refresh`. */
  readonly principalOf: (token: Pick<SharedToken, 'user' | 'origin'>) => Principal;
  /** See `AuthenticatorPorts`. */
  readonly whenUsersKnown: () => Promise<void> | null;
}

/**
 * Login tokens: 256 random bits each, kept only as a hash, with a lifetime that slides as they are
 * used. A token says who, not what: roles are looked up when it is used. The clock is passed in, so
 * that a day passes in a test as fast as it can count.
 *
 * They are kept in memory and end with the process. To outlive it, each of them, and each sliding of
 * its life, would have to be written: a write per login, for the sake of not asking for a password
 * after a restart. Where there are several nodes, all keep all tokens: what one does with a token the
 * others are told, and one that is not known yet is asked for.
 */
export class TokenStore {
  readonly #records = new Map<string, TokenRecord>();
  readonly #byUser = new Map<string, UserTokens>();
  readonly #revocations = new Set<(key: string) => void>();

  /** Until when it is spared, by its key. */
  readonly #spared = new Map<string, number>();
  readonly #shared: SharedTokens | null;

  constructor(private readonly options: TokenStoreOptions) {
    const tokens = options.shared?.tokens;
    this.#shared = tokens?.isShared === true ? tokens : null;
    this.#shared?.follow({
      known: (key, token, revision) => this.#hear(key, token, revision),
      revoked: (key) => this.#hearRevoked(key),
    });
  }

  /**
   * To be waited for before a token that a client shows is looked at; null where all that there is to
   * know of it is known.
   *
   * @throws (rejects with) RpcException EIO while it is not known who the users are
   */
  prepare(token: string): Promise<unknown> | null {
    const { shared } = this.options;
    if (this.#shared === null || shared === undefined) return null;
    const users = shared.whenUsersKnown();
    const key = TOKEN.test(token) ? keyOf(token) : null;
    if (key === null || this.#records.has(key)) return users;
    return Promise.all([users, this.#find(this.#shared, key)]);
  }

  issue(principal: Principal): IssuedToken {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const key = keyOf(token);
    const expiresAtMs = this.options.nowMs() + this.options.lifetimeMs;
    const record = { key, principal, expiresAtMs, isRetiring: false };
    this.#add({ ...record, toldExpiresAtMs: expiresAtMs, revision: 0 });
    this.#shared?.put(key, this.#told(record));
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
    if (record?.isRetiring !== false) return;
    const { lifetimeMs } = this.options;
    const expiresAtMs = usedAtMs + lifetimeMs;
    if (this.#shared === null) {
      record.expiresAtMs = expiresAtMs;
      return;
    }
    // somewhere else it may have been used since
    record.expiresAtMs = Math.max(record.expiresAtMs, expiresAtMs);
    if (record.expiresAtMs - record.toldExpiresAtMs < lifetimeMs * TOLD_USE) return;
    record.toldExpiresAtMs = record.expiresAtMs;
    this.#shared.change(key, this.#told(record));
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
    const sparedUntilMs = this.options.nowMs() + SPARED_MS;
    for (const record of own) {
      if (!spared.has(record.key)) this.#revoke(record);
      else if (this.#shared !== null) this.#spared.set(record.key, sparedUntilMs);
    }
  }

  /** Forgets what has expired; the owner calls it from time to time. */
  sweep(): void {
    const now = this.options.nowMs();
    for (const record of this.#records.values()) {
      if (record.expiresAtMs <= now) this.#remove(record);
    }
    for (const [key, untilMs] of this.#spared) if (untilMs <= now) this.#spared.delete(key);
  }

  async #find(shared: SharedTokens, key: string): Promise<void> {
    const token = await shared.find(key);
    if (token !== null && !this.#records.has(key)) this.#hear(key, token, 0);
  }

  /** Another node knows a token, or this one is told what it said itself. */
  #hear(key: string, token: SharedToken, revision: number): void {
    const present = this.#records.get(key);
    const heardExpiresAtMs = this.options.nowMs() + token.lifeMs;
    if (present === undefined) {
      const principal = this.options.shared?.principalOf(token);
      if (principal === undefined) return;
      const life = { expiresAtMs: heardExpiresAtMs, toldExpiresAtMs: heardExpiresAtMs };
      this.#add({ key, principal, ...life, isRetiring: false, revision });
      if (token.isRetiring) this.#retireLocally(key, heardExpiresAtMs);
      return;
    }
    if (present.revision === revision || present.isRetiring) return; // told again, after NATS was away
    const isFirstEcho = present.revision === 0;
    present.revision = revision;
    if (token.isRetiring) this.#retireLocally(key, heardExpiresAtMs);
    else if (!isFirstEcho && heardExpiresAtMs > present.expiresAtMs) {
      present.expiresAtMs = heardExpiresAtMs;
      present.toldExpiresAtMs = heardExpiresAtMs;
    }
  }

  #hearRevoked(key: string): void {
    const record = this.#records.get(key);
    if (record === undefined) return;
    if ((this.#spared.get(key) ?? 0) > this.options.nowMs())
      this.#shared?.restore(key, this.#told(record));
    else this.#revokeLocally(record);
  }

  #told({ principal, expiresAtMs, isRetiring }: Readable): SharedToken {
    const { name, origin } = principal;
    const lifeMs = Math.max(0, expiresAtMs - this.options.nowMs());
    return { user: String(name), origin, lifeMs, isRetiring };
  }

  #add(record: TokenRecord): void {
    const name = String(record.principal.name);
    const own = this.#byUser.get(name) ?? new UserTokens();
    this.#byUser.set(name, own);
    const surplus = own.size >= MAX_PER_USER ? own.oldest() : undefined;
    if (surplus !== undefined) this.#remove(surplus); // at the other nodes, too: they count as many
    this.#records.set(record.key, record);
    own.live.add(record);
  }

  #revoke(record: TokenRecord): void {
    this.#shared?.revoke(record.key);
    this.#revokeLocally(record);
  }

  #revokeLocally(record: TokenRecord): void {
    this.#remove(record);
    for (const listener of this.#revocations) listener(record.key);
  }

  #retire(record: TokenRecord): void {
    const wasRetiring = record.isRetiring;
    this.#retireLocally(record.key, this.options.nowMs() + ROTATION_GRACE_MS);
    if (!wasRetiring) this.#shared?.change(record.key, this.#told(record));
  }

  #retireLocally(key: string, endOfGraceMs: number): void {
    const record = this.#records.get(key);
    if (record === undefined) return;
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
