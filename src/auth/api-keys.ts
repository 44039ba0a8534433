import { coded, Errno, isDispatcherError, messageOf } from '../common/index.js';
import type { DocumentStore } from '../datastore/index.js';
import type { Filter, Logger, RowId } from '../sdk/index.js';
import { type ApiKey, type ApiKeyGrant, idInKey, makeKey } from './api-key.js';
import { toApiKey, toKeyRow } from './api-key-row.js';
import type { AccountDirectory, DirectoryChange } from './account-directory.js';
import type { Principal } from './principal.js';
import type { Principals } from './principals.js';

const API_KEYS = 'api_keys';

/** Of one user, expired ones included. */
const MAX_KEYS_PER_USER = 100;
/** The last use of a key is written this often at most: a call must not cost a write. */
const WRITE_USE_MS = 60_000;

export interface ApiKeysDependencies {
  readonly store: DocumentStore;
  readonly directory: AccountDirectory;
  readonly principals: Principals;
  readonly logger: Logger;
}

/**
 * The keys of the store, in memory: to look at one waits for nothing. A row that anybody in this
 * server removes ends its key before the removal is acknowledged.
 */
export class ApiKeys {
  readonly #keys = new Map<string, ApiKey>();
  readonly #listeners = new Set<(key: ApiKey, reason: string) => void>();
  readonly #unwritten = new Set<ApiKey>();
  readonly #writtenAtMs = new WeakMap<ApiKey, number>();
  /** Those whose end was told of. */
  readonly #expired = new WeakSet<ApiKey>();
  readonly #stops: (() => void)[] = [];
  #creating: Promise<unknown> = Promise.resolve();
  #reading: Promise<unknown> = Promise.resolve();

  private constructor(private readonly dependencies: ApiKeysDependencies) {}

  static async open(dependencies: ApiKeysDependencies): Promise<ApiKeys> {
    const { store, directory } = dependencies;
    await store.requireCollection(API_KEYS, { unique: ['key_id'], timestamps: 'none' });
    const keys = new ApiKeys(dependencies);
    keys.#stops.push(
      store.watch(API_KEYS, (ids) => keys.#follow(ids)),
      directory.onChange((change) => keys.#forgetGoneOwners(change)),
    );
    await keys.#read(null);
    return keys;
  }

  /** Who may act by the key now; null for nobody, or when it is no key. */
  principalOf(text: string): Principal | null {
    const id = idInKey(text);
    const key = id === null ? undefined : this.#keys.get(id);
    return key?.isMadeOf(text) === true ? this.dependencies.principals.ofKey(key) : null;
  }

  /** As {@link principalOf}, and the use is noted. */
  use(text: string, address: string): Principal | null {
    const principal = this.principalOf(text);
    const key = principal?.apiKey;
    if (key === undefined) return null;
    key.lastUse = { at: new Date(), address };
    this.#unwritten.add(key);
    return principal;
  }

  get(id: string): ApiKey | undefined {
    return this.#keys.get(id);
  }

  ofUser(username: string): ApiKey[] {
    return [...this.#keys.values()].filter(({ grant }) => grant.username === username);
  }

  /**
   * Makes a key; its text is nowhere to be had afterwards.
   *
   * @throws RpcException EBUSY when the owner has as many as one may have
   */
  create(wanted: Omit<ApiKeyGrant, 'id'>): Promise<{ text: string; key: ApiKey }> {
    // one after the other: two at once would both find room for the last one
    const made = this.#creating.then(() => this.#create(wanted));
    this.#creating = made.catch(() => undefined);
    return made;
  }

  async revoke(key: ApiKey): Promise<void> {
    await this.dependencies.store.delete(API_KEYS, key.rowId);
    this.#end(key, 'API key was revoked');
  }

  /** Calls back when a key ends, revoked or expired; returns how to stop. */
  onEnd(listener: (key: ApiKey, reason: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Once a second: ends what has expired, writes the uses that are due. */
  tick(): void {
    for (const key of this.#keys.values()) {
      if (!key.isExpired || this.#expired.has(key)) continue;
      this.#expired.add(key);
      this.#tell(key, 'API key expired');
    }
    const now = performance.now();
    for (const key of this.#unwritten) {
      if (now - (this.#writtenAtMs.get(key) ?? -WRITE_USE_MS) < WRITE_USE_MS) continue;
      this.#writtenAtMs.set(key, now);
      void this.#writeUse(key);
    }
  }

  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    await Promise.all(Array.from(this.#unwritten, (key) => this.#writeUse(key)));
  }

  async #create(wanted: Omit<ApiKeyGrant, 'id'>): Promise<{ text: string; key: ApiKey }> {
    if (this.ofUser(wanted.username).length >= MAX_KEYS_PER_USER) {
      throw coded('TOO_MANY_API_KEYS', { limit: MAX_KEYS_PER_USER });
    }
    const { key: text, id, hash } = makeKey();
    await this.dependencies.store.insert(API_KEYS, toKeyRow({ ...wanted, id }, hash));
    const key = this.#keys.get(id);
    if (key === undefined) throw coded('API_KEY_NOT_FOUND', { id });
    return { text, key };
  }

  async #writeUse(key: ApiKey): Promise<void> {
    this.#unwritten.delete(key);
    const { lastUse } = key;
    if (lastUse === null || this.#keys.get(key.id) !== key) return;
    const use = { last_used_at: lastUse.at, last_used_address: lastUse.address };
    try {
      await this.dependencies.store.update(API_KEYS, key.rowId, use);
    } catch (error) {
      const { logger } = this.dependencies;
      logger.warn(`The last use of API key ${key.id} is not written: ${messageOf(error)}`);
    }
  }

  /** One reading after the other: of two at once the first could bring back what the second saw revoked. */
  #follow(ids: readonly RowId[] | null): Promise<void> {
    const reading = this.#reading.then(() => this.#read(ids));
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  /** Rows that came are added, rows that went end; what is known of one that stays is newer here. */
  async #read(ids: readonly RowId[] | null): Promise<void> {
    const filter: Filter = ids === null ? null : [['id', 'in', [...ids]]];
    const present = new Map<RowId, ApiKey>();
    try {
      for await (const row of this.dependencies.store.queryStream(API_KEYS, filter)) {
        const key = toApiKey(row);
        if (key !== null) present.set(key.rowId, key);
      }
    } catch (error) {
      // a collection that somebody dropped has no rows
      if (!isDispatcherError(error) || error.code !== Errno.ENOENT) throw error;
    }
    for (const key of [...this.#keys.values()]) {
      if (ids !== null && !ids.includes(key.rowId)) continue;
      const now = present.get(key.rowId);
      if (now !== undefined && isSameGrant(now, key)) present.delete(key.rowId);
      else this.#end(key, 'API key was revoked');
    }
    for (const key of present.values()) this.#keys.set(key.id, key);
  }

  #forgetGoneOwners({ accounts }: DirectoryChange): void {
    for (const { username, before, after } of accounts) {
      if (before === null || before.id === after?.id) continue;
      for (const key of this.ofUser(username)) {
        if (key.grant.userId !== before.id) continue;
        this.#end(key, 'Account was removed');
        void this.#deleteRow(key);
      }
    }
  }

  /** It is dead already: the row is of a user who is no more. */
  async #deleteRow(key: ApiKey): Promise<void> {
    try {
      await this.dependencies.store.delete(API_KEYS, key.rowId);
    } catch (error) {
      const { logger } = this.dependencies;
      logger.warn(`The row of API key ${key.id} cannot be removed: ${messageOf(error)}`);
    }
  }

  #end(key: ApiKey, reason: string): void {
    if (this.#keys.get(key.id) === key) this.#keys.delete(key.id);
    this.#unwritten.delete(key);
    key.revoke();
    this.#tell(key, reason);
  }

  #tell(key: ApiKey, reason: string): void {
    for (const listener of this.#listeners) listener(key, reason);
  }
}

function isSameGrant(one: ApiKey, other: ApiKey): boolean {
  return (
    one.secretHash === other.secretHash && JSON.stringify(one.grant) === JSON.stringify(other.grant)
  );
}
