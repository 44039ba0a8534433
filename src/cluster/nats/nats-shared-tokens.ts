import { SharedTokens, type SharedToken, type TokenFollower } from '../shared-tokens.js';
import type { Unsubscribe } from '../unsubscribe.js';
import { BucketWatch } from './bucket-watch.js';
import { type BucketEntry, NatsBucket } from './nats-bucket.js';
import type { NatsLink } from './nats-link.js';

const TIMEOUT_MS = 2_000;
const RETRY_MS = 500;
/** What is told at a time: after NATS was away it is what many users did meanwhile. */
const MAX_UNDER_WAY = 64;

export interface NatsSharedTokensOptions {
  /** How long a token lives that nobody uses. */
  readonly lifetimeMs: number;
}

/** What is to be told of a token. */
type Wanted =
  | { readonly kind: 'put' | 'restore' | 'change'; readonly token: SharedToken }
  | { readonly kind: 'revoke' };

/**
 * A bucket in which an entry lives as long as a token that nobody uses. A change is made to what the
 * bucket holds and to nothing else, so that none brings back a token that was revoked meanwhile.
 */
export class NatsSharedTokens extends SharedTokens {
  readonly isShared = true;
  readonly #bucket: NatsBucket;
  readonly #watch: BucketWatch;
  readonly #followers = new Set<TokenFollower>();
  /** The last word of each token that is not told yet, in the order in which they are told. */
  readonly #wanted = new Map<string, Wanted>();
  readonly #underWay = new Set<string>();
  /** Tokens that are being asked for; one that is revoked meanwhile is none. */
  readonly #asked = new Map<string, Promise<SharedToken | null>>();
  readonly #stop: Unsubscribe;
  #retry: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(
    private readonly link: NatsLink,
    { lifetimeMs }: NatsSharedTokensOptions,
  ) {
    super();
    this.#bucket = new NatsBucket(link, 'tokens', { ttlMs: lifetimeMs, timeoutMs: TIMEOUT_MS });
    this.#watch = new BucketWatch(this.#bucket, {
      onEntry: (entry) => this.#hear(entry),
      onWhole: () => undefined,
    });
    this.#stop = link.onConnected((isConnected) => {
      if (isConnected) this.#tellAll();
    });
  }

  /** How many tokens there is something to tell of. */
  get untold(): number {
    return this.#wanted.size;
  }

  put(key: string, token: SharedToken): void {
    this.#want(key, { kind: 'put', token });
  }

  restore(key: string, token: SharedToken): void {
    this.#want(key, { kind: 'restore', token });
  }

  change(key: string, token: SharedToken): void {
    const before = this.#wanted.get(key);
    if (before?.kind === 'revoke') return;
    this.#want(key, { kind: before?.kind ?? 'change', token });
  }

  revoke(key: string): void {
    this.#want(key, { kind: 'revoke' });
  }

  async find(key: string): Promise<SharedToken | null> {
    if (!this.link.isConnected) return null;
    const asked = this.#asked.get(key) ?? this.#ask(key);
    this.#asked.set(key, asked);
    const token = await asked;
    const wasRevoked = this.#asked.get(key) !== asked;
    if (!wasRevoked) queueMicrotask(() => this.#asked.delete(key)); // behind all who asked
    return wasRevoked ? null : token;
  }

  follow(follower: TokenFollower): Unsubscribe {
    this.#followers.add(follower);
    this.#watch.restart(); // with all that there is
    return () => void this.#followers.delete(follower);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stop();
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#watch.close();
  }

  async #ask(key: string): Promise<SharedToken | null> {
    try {
      return tokenOf((await this.#bucket.get(key))?.value ?? null);
    } catch {
      return null; // as if nobody had it: its holder logs in again
    }
  }

  #hear({ key, value, revision }: BucketEntry): void {
    const token = tokenOf(value);
    if (token === null) this.#asked.delete(key);
    for (const follower of this.#followers) {
      if (token === null) follower.revoked(key);
      else follower.known(key, token, revision);
    }
  }

  #want(key: string, wanted: Wanted): void {
    this.#wanted.set(key, wanted);
    this.#tellAll();
  }

  #tellAll(): void {
    if (this.#isClosed || !this.link.isConnected) return;
    for (const key of this.#wanted.keys()) {
      if (this.#underWay.size >= MAX_UNDER_WAY) return;
      if (!this.#underWay.has(key)) void this.#tell(key);
    }
  }

  async #tell(key: string): Promise<void> {
    this.#underWay.add(key);
    try {
      for (
        let wanted = this.#wanted.get(key);
        wanted !== undefined;
        wanted = this.#wanted.get(key)
      ) {
        await this.#carryOut(key, wanted);
        if (this.#wanted.get(key) === wanted) this.#wanted.delete(key);
      }
    } catch {
      this.#later(); // NATS is away, or its bucket has no leader yet
    } finally {
      this.#underWay.delete(key);
    }
    if (this.#retry === null) this.#tellAll(); // those for which there was no room
  }

  async #carryOut(key: string, wanted: Wanted): Promise<void> {
    if (wanted.kind === 'revoke') {
      await this.#bucket.remove(key, null);
      return;
    }
    const text = JSON.stringify(wanted.token);
    if (wanted.kind === 'put' && (await this.#bucket.put(key, text, 0)) !== null) return;
    while (this.#wanted.get(key) === wanted) {
      const entry = await this.#bucket.get(key);
      const isThere = entry !== null && entry.value !== null;
      if (!isThere && wanted.kind !== 'restore') return; // revoked, or lost with all others
      if ((await this.#bucket.put(key, text, entry?.revision ?? 0)) !== null) return;
    }
  }

  #later(): void {
    if (this.#isClosed) return;
    this.#retry ??= setTimeout(() => {
      this.#retry = null;
      this.#tellAll();
    }, RETRY_MS).unref();
  }
}

function tokenOf(value: string | null): SharedToken | null {
  return value === null ? null : (JSON.parse(value) as SharedToken);
}
