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

const COLLECTION = 'config';
const KEY = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
const MAX_KEY = 255;

interface Setting {
  readonly id: string;
  readonly value: unknown;
}

/** The configuration, a row for each key in the collection `config`. */
export class DocumentConfigStore extends ConfigStore {
  readonly #listeners = new Set<(change: ConfigChange) => void>();

  private constructor(private readonly datastore: Datastore) {
    super();
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
    const keys = Object.keys(values);
    if (keys.length === 0) return;
    await this.datastore.batch(
      keys.map((key): WriteOperation => {
        const id = assertKey(key);
        return { kind: 'upsert', collection: COLLECTION, id, document: { value: values[key] } };
      }),
    );
    this.#tell({ operation: 'set', keys });
  }

  async exists(key: string): Promise<boolean> {
    return (await this.datastore.getById(COLLECTION, assertKey(key))) !== null;
  }

  async delete(key: string): Promise<boolean> {
    const wasThere = await this.datastore.delete(COLLECTION, assertKey(key));
    if (wasThere) this.#tell({ operation: 'delete', keys: [key] });
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

  onChange(listener: (change: ConfigChange) => void): () => void {
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

  #tell(change: ConfigChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function assertKey(key: string): string {
  if (KEY.test(key) && key.length <= MAX_KEY) return key;
  throw new DatastoreException(
    Errno.EINVAL,
    `Configuration key '${key.slice(0, 80)}' is not valid: words of letters, digits, '_' and '-', joined by dots, ${MAX_KEY} characters at most`,
  );
}
