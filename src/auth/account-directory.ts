import { Errno, isDispatcherError, messageOf } from '../common/index.js';
import { type DocumentStore, UNREAD } from '../datastore/index.js';
import type { CollectionOptions, Filter, Logger, RowId, StoredRow } from '../sdk/index.js';
import { type UserAccount, toAccount, toRole } from './account.js';
import type { RoleIndex, RoleDefinition } from './role-index.js';

export const USERS = 'users';
export const ROLES = 'roles';

const RETRY_MS = 1_000;

/** What became of a user; `before` or `after` is null when there was or is none of that name. */
export interface AccountChange {
  readonly username: string;
  readonly before: UserAccount | null;
  readonly after: UserAccount | null;
  /** Not when the same password was only hashed anew. */
  readonly isPasswordChanged: boolean;
}

export interface DirectoryChange {
  readonly accounts: readonly AccountChange[];
  readonly areRolesChanged: boolean;
}

export interface DirectoryDependencies {
  readonly store: DocumentStore;
  readonly roles: RoleIndex;
  readonly logger: Logger;
}

/**
 * The users and roles of the store, in memory: a token login, which happens by the thousand, must
 * not wait for a disk. Whoever in this server writes the rows, what they say is in effect when the
 * write is acknowledged.
 *
 * Rows are read again after each write instead of taken from it, one reading at a time: of two
 * writes at once the last reading sees the outcome of both, whichever was acknowledged first.
 */
export class AccountDirectory {
  readonly #accounts = new Map<RowId, UserAccount>();
  readonly #byName = new Map<string, UserAccount>();
  readonly #listeners = new Set<(change: DirectoryChange) => void>();
  readonly #rehashed = new Map<RowId, string>();
  readonly #stops: (() => void)[] = [];
  #reading: Promise<unknown> = Promise.resolve();
  #retry: NodeJS.Timeout | null = null;
  #isClosed = false;

  private constructor(private readonly dependencies: DirectoryDependencies) {}

  /** Makes the collections if need be and reads them. */
  static async open(dependencies: DirectoryDependencies): Promise<AccountDirectory> {
    const { store } = dependencies;
    await requireUnique(store, USERS, 'username');
    await requireUnique(store, ROLES, 'name');
    const directory = new AccountDirectory(dependencies);
    directory.#stops.push(
      store.watch(USERS, (ids) => directory.#follow(() => directory.#readUsers(ids))),
      store.watch(ROLES, () => directory.#follow(() => directory.#readRoles())),
    );
    await directory.#readRoles();
    await directory.#readUsers(null);
    return directory;
  }

  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  find(username: string): UserAccount | null {
    return this.#byName.get(username) ?? null;
  }

  /** Calls back after each change is known and before its write is acknowledged; returns how to stop. */
  onChange(listener: (change: DirectoryChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Stores another hash of the same password: no change of it, so nobody is logged out. Does
   * nothing when the password has been changed meanwhile, nor where other servers share the store:
   * they would take it for another password.
   */
  async rehash(account: UserAccount, passwordHash: string): Promise<void> {
    if (this.dependencies.store.isShared) return;
    const unchanged = [
      ['id', '=', account.id],
      ['password', '=', account.passwordHash],
    ] as const;
    this.#rehashed.set(account.id, passwordHash);
    try {
      await this.dependencies.store.claim(USERS, unchanged, { password: passwordHash });
    } finally {
      this.#rehashed.delete(account.id);
    }
  }

  close(): void {
    this.#isClosed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    for (const stop of this.#stops) stop();
  }

  /** One reading after the other. The write has happened: when reading fails, it is tried until it works. */
  #follow(read: () => Promise<void>): Promise<unknown> {
    const reading = this.#reading.then(read).catch((error: unknown) => {
      if (this.#isClosed) return UNREAD;
      const { logger } = this.dependencies;
      logger.error(`Users cannot be read, trying again: ${messageOf(error)}`, { error });
      this.#retry ??= setTimeout(() => {
        this.#retry = null;
        void this.#follow(async () => {
          await this.#readRoles();
          await this.#readUsers(null);
        });
      }, RETRY_MS).unref();
      return UNREAD;
    });
    this.#reading = reading;
    return reading;
  }

  async #readUsers(ids: readonly RowId[] | null): Promise<void> {
    const filter = ids === null ? null : ([['id', 'in', [...ids]]] as const);
    const found = new Map<RowId, UserAccount>();
    await this.#eachRow(USERS, filter, (row) => {
      const account = toAccount(row);
      if (account !== null) found.set(account.id, account);
    });
    const concerned = ids ?? new Set([...this.#accounts.keys(), ...found.keys()]);
    const names = new Set<string>();
    for (const id of concerned) {
      for (const account of [this.#accounts.get(id), found.get(id)]) {
        if (account !== undefined) names.add(account.username);
      }
    }
    const before = new Map(Array.from(names, (name) => [name, this.find(name)]));
    // all out before any in: within a batch a name may have moved from one row to another
    for (const id of concerned) this.#remove(id);
    for (const account of found.values()) this.#add(account);
    this.#announceAccounts(before);
  }

  #remove(id: RowId): void {
    const account = this.#accounts.get(id);
    if (account === undefined) return;
    this.#accounts.delete(id);
    if (this.#byName.get(account.username) === account) this.#byName.delete(account.username);
  }

  /** Of two rows with one name, which the unique key prevents, the one that was there first counts. */
  #add(account: UserAccount): void {
    this.#accounts.set(account.id, account);
    if (!this.#byName.has(account.username)) this.#byName.set(account.username, account);
  }

  #announceAccounts(earlier: ReadonlyMap<string, UserAccount | null>): void {
    const accounts = Array.from(earlier, ([username, before]) => {
      const after = this.find(username);
      const isRehash = after !== null && this.#rehashed.get(after.id) === after.passwordHash;
      const isPasswordChanged = before?.passwordHash !== after?.passwordHash && !isRehash;
      return { username, before, after, isPasswordChanged };
    });
    this.#announce({ accounts, areRolesChanged: false });
  }

  async #readRoles(): Promise<void> {
    const definitions: RoleDefinition[] = [];
    await this.#eachRow(ROLES, null, (row) => {
      const role = toRole(row);
      if (role !== null) definitions.push(role);
    });
    this.dependencies.roles.replaceAll(definitions);
    this.#announce({ accounts: [], areRolesChanged: true });
  }

  /** A collection that somebody dropped has no rows. */
  async #eachRow(name: string, filter: Filter, take: (row: StoredRow) => void): Promise<void> {
    try {
      for await (const row of this.dependencies.store.queryStream(name, filter)) take(row);
    } catch (error) {
      if (!isDispatcherError(error) || error.code !== Errno.ENOENT) throw error;
    }
  }

  #announce(change: DirectoryChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** A plugin may have made the collection first: what it declared stays, and the unique key is added. */
async function requireUnique(store: DocumentStore, name: string, field: string): Promise<void> {
  const present = (await store.listCollections()).find((info) => info.name === name);
  if (present === undefined) return store.requireCollection(name, { unique: [field] });
  const options: CollectionOptions = {
    key: present.key,
    timestamps: present.timestamps,
    unique: [...present.unique.filter((fields) => fields.join() !== field), field],
    indexes: present.indexes,
    attributes: present.attributes,
  };
  await store.requireCollection(name, options);
}
