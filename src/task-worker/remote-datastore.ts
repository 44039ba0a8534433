import type { Filter, QueryParams } from '../common/query/index.js';
import {
  type CollectionInfo,
  type CollectionOptions,
  Datastore,
  type Document,
  type RowId,
  type StoredRow,
  type WriteOperation,
} from '../sdk/index.js';
import type { TaskLink } from './task-link.js';

type Order = Pick<QueryParams, 'sort' | 'dir'>;

/** The server's datastore, asked over the process boundary. */
export class RemoteDatastore extends Datastore {
  constructor(private readonly link: () => TaskLink) {
    super();
  }

  async requireCollection(name: string, options?: CollectionOptions): Promise<void> {
    await this.#ask('requireCollection', [name, options]);
  }

  listCollections(): Promise<readonly CollectionInfo[]> {
    return this.#ask('listCollections', []);
  }

  dropCollection(name: string): Promise<boolean> {
    return this.#ask('dropCollection', [name]);
  }

  query<T = StoredRow>(
    collection: string,
    filter: Filter = [],
    params?: QueryParams | null,
  ): Promise<T[]> {
    return this.#ask('query', [collection, filter, params]);
  }

  async *queryStream<T = StoredRow>(
    collection: string,
    filter: Filter = [],
    params: QueryParams | null = null,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<T, void> {
    signal?.throwIfAborted();
    const args = [collection, filter, params];
    for await (const row of await this.#ask<AsyncIterable<T>>('queryStream', args)) {
      signal?.throwIfAborted();
      yield row;
    }
  }

  count(collection: string, filter?: Filter): Promise<number> {
    return this.#ask('count', [collection, filter]);
  }

  exists(collection: string, filter: Filter): Promise<boolean> {
    return this.#ask('exists', [collection, filter]);
  }

  getOne<T = StoredRow>(collection: string, filter: Filter, params?: Order): Promise<T | null> {
    return this.#ask('getOne', [collection, filter, params]);
  }

  getById<T = StoredRow>(collection: string, id: RowId): Promise<T | null> {
    return this.#ask('getById', [collection, id]);
  }

  insert(collection: string, document: Document): Promise<RowId> {
    return this.#ask('insert', [collection, document]);
  }

  insertMany(collection: string, documents: readonly Document[]): Promise<RowId[]> {
    return this.#ask('insertMany', [collection, documents]);
  }

  update<T = StoredRow>(collection: string, id: RowId, patch: Document): Promise<T> {
    return this.#ask('update', [collection, id, patch]);
  }

  replace<T = StoredRow>(collection: string, id: RowId, document: Document): Promise<T> {
    return this.#ask('replace', [collection, id, document]);
  }

  upsert<T = StoredRow>(collection: string, id: RowId, document: Document): Promise<T> {
    return this.#ask('upsert', [collection, id, document]);
  }

  delete(collection: string, id: RowId): Promise<boolean> {
    return this.#ask('delete', [collection, id]);
  }

  deleteMany(collection: string, filter: Filter): Promise<number> {
    return this.#ask('deleteMany', [collection, filter]);
  }

  claim<T = StoredRow>(
    collection: string,
    filter: Filter,
    patch: Document,
    params?: Order,
  ): Promise<T | null> {
    return this.#ask('claim', [collection, filter, patch, params]);
  }

  batch(operations: readonly WriteOperation[]): Promise<unknown[]> {
    return this.#ask('batch', [operations]);
  }

  increment(counter: string, by?: number): Promise<number> {
    return this.#ask('increment', [counter, by]);
  }

  async #ask<T>(method: string, args: readonly unknown[]): Promise<T> {
    return await this.link().ask<T>('datastore', method, args);
  }
}
