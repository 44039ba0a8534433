import { Errno } from '../common/index.js';
import {
  type ConfigChange,
  type ConfigNode,
  ConfigStore,
  type Datastore,
  DatastoreException,
  type WriteOperation,
} from '../sdk/datastore.js';
import { flatten, nest } from './config-tree.js';
import type { DocumentStore } from './document-store.js';
import type { RowOrigin } from './row-watchers.js';
import { Semaphore } from './semaphore.js';

const COLLECTION = 'config';
const KEY = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
const MAX_KEY = 255;

interface Setting {
  readonly id: string;
  readonly value: unknown;
}

/** Who judges changes of some keys before they are made. */
export interface ConfigGuard {
  /** Whether a change of the key is judged. */
  concerns(key: string): boolean;
  /**
   * The change as it is to be stored; undefined is for what is deleted.
   *
   * @throws RpcException why it is not to be
   */
  check(change: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown>;
  /** What was stored, before the next change is judged. */
  committed(change: ReadonlyMap<string, unknown>): void;
  /** The keys whose values it keeps. */
  kept(): Iterable<string>;
}

/** Whose change it was: this server's own, or that of another one that shares the store. */
export type ConfigListener = (change: ConfigChange, origin: RowOrigin) => void;

/** The configuration, a row for each key in the collection `config`. */
export class DocumentConfigStore extends ConfigStore {
  readonly #listeners = new Set<ConfigListener>();
  /** A change is judged by what there is: until it is made there must be no other. */
  readonly #lock = new Semaphore(1);
  /** What is kept by others is read by one at a time: the last one sees what all have written. */
  readonly #reading = new Semaphore(1);
  #guard: ConfigGuard | null = null;
  #isFollowing = false;

  private constructor(private readonly datastore: Datastore) {
    super();
  }

  /** That of a server, in which settings may have been sealed by an earlier version. */
  static async openIn(store: DocumentStore): Promise<DocumentConfigStore> {
    const opened = await DocumentConfigStore.open(store);
    await store.expectPasswords(await store.collection(COLLECTION));
    if (store.isShared) opened.#followRows(store);
    return opened;
  }

  static async open(datastore: Datastore): Promise<DocumentConfigStore> {
    await datastore.requireCollection(COLLECTION, { key: 'given' });
    return new DocumentConfigStore(datastore);
  }

  override async get<T>(key: string, fallback?: T): Promise<T | null> {
    const row = await this.datastore.getById<Setting>(COLLECTION, assertKey(key));
    return row === null ? (fallback ?? null) : (row.value as T);
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.setMany({ [key]: value });
  }

  async setMany(values: Readonly<Record<string, unknown>>): Promise<void> {
    await this.change(new Map(Object.entries(values)));
  }

  /** Sets keys and deletes those whose value is undefined, all or none. What nobody judges waits for nothing. */
  async change(change: ReadonlyMap<string, unknown>): Promise<void> {
    const keys = [...change.keys()].map(assertKey);
    if (keys.length === 0) return;
    const guard = this.#guard;
    if (guard === null || !keys.some((key) => guard.concerns(key))) {
      await this.#write(change);
      return;
    }
    await this.#lock.run(async () => {
      const checked = guard.check(change);
      await this.#write(checked, () => guard.committed(checked));
    });
  }

  /** Does the work while nothing changes that is judged. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return this.#lock.run(() => this.#reading.run(work));
  }

  guardedBy(guard: ConfigGuard): void {
    this.#guard = guard;
  }

  async exists(key: string): Promise<boolean> {
    return (await this.datastore.getById(COLLECTION, assertKey(key))) !== null;
  }

  async delete(key: string): Promise<boolean> {
    const wasThere = await this.exists(key);
    if (wasThere) await this.change(new Map([[key, undefined]]));
    return wasThere;
  }

  async listChildren(prefix = ''): Promise<string[]> {
    return (await this.#below(prefix)).map(({ id }) => id);
  }

  node(prefix: string): ConfigNode {
    assertKey(prefix);
    const full = (key: string): string => `${prefix}.${key}`;
    return {
      get: (key) => this.get(full(key)),
      set: (key, value) => this.set(full(key), value),
      node: (key) => this.node(full(key)),
      update: (values) => {
        const settings = flatten(values).map(([key, value]) => [full(key), value]);
        return this.setMany(Object.fromEntries(settings) as Record<string, unknown>);
      },
      toObject: async () => {
        const settings = await this.#below(prefix);
        return nest(settings.map(({ id, value }) => [id.slice(prefix.length + 1), value]));
      },
    };
  }

  onChange(listener: ConfigListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #below(prefix: string): Promise<Setting[]> {
    if (prefix === '') return this.datastore.query<Setting>(COLLECTION);
    const from = `${assertKey(prefix)}.`;
    // '/' is the character after '.': the range holds exactly what starts with the prefix
    const to = `${prefix}/`;
    return this.datastore.query<Setting>(COLLECTION, [
      ['id', '>=', from],
      ['id', '<', to],
    ]);
  }

  async #write(
    change: ReadonlyMap<string, unknown>,
    onWritten: () => void = () => undefined,
  ): Promise<void> {
    const operations = Array.from(change, ([id, value]): WriteOperation => {
      if (value === undefined) return { kind: 'delete', collection: COLLECTION, id };
      return { kind: 'upsert', collection: COLLECTION, id, document: { value } };
    });
    await this.datastore.batch(operations);
    if (this.#isFollowing) return; // it was read again, and told of
    onWritten();
    this.#tell(change, 'here');
  }

  /** Other servers change the rows, too: what is kept of them is what was read last, never what was written. */
  #followRows(store: DocumentStore): void {
    this.#isFollowing = true;
    store.watch(COLLECTION, (ids, origin) => this.#read(ids as readonly string[] | null, origin));
  }

  /** Null when it may be any key. Waits for no change: while one is made, another server may wait for this. */
  #read(ids: readonly string[] | null, origin: RowOrigin): Promise<void> {
    return this.#reading.run(async () => {
      const filter = ids === null ? null : ([['id', 'in', ids]] as const);
      const rows = await this.datastore.query<Setting>(COLLECTION, filter);
      const change = new Map<string, unknown>();
      for (const key of ids ?? this.#guard?.kept() ?? []) change.set(key, undefined);
      for (const { id, value } of rows) change.set(id, value);
      this.#guard?.committed(change);
      this.#tell(change, origin);
    });
  }

  #tell(change: ReadonlyMap<string, unknown>, origin: RowOrigin): void {
    const keysWhere = (isDeleted: boolean): string[] =>
      [...change].flatMap(([key, value]) => ((value === undefined) === isDeleted ? [key] : []));
    const [set, deleted] = [keysWhere(false), keysWhere(true)];
    for (const listener of this.#listeners) {
      if (set.length > 0) listener({ operation: 'set', keys: set }, origin);
      if (deleted.length > 0) listener({ operation: 'delete', keys: deleted }, origin);
    }
  }
}

function assertKey(key: string): string {
  if (KEY.test(key) && key.length <= MAX_KEY) return key;
  throw new DatastoreException(
    Errno.EINVAL,
    `Configuration key '${key.slice(0, 80)}' is not valid: words of letters, digits, '_' and '-', joined by dots, ${MAX_KEY} characters at most`,
  );
}
