import { coded } from '../common/index.js';
import {
  accepts,
  Datastore,
  description,
  type Filter,
  h,
  private as onlyServices,
  provider,
  type QueryParams,
  returns,
  type RowId,
  type Sender,
  sender,
} from '../sdk/index.js';
import { FILTER_SCHEMA, QUERY_PARAMS_SCHEMA } from '../common/query/index.js';
import { withPasswordsFor } from './with-passwords.js';

const FILTER = h.optional(FILTER_SCHEMA);
const PARAMS = h.optional(QUERY_PARAMS_SCHEMA);
const ROW = h.nullable(Object);

/** Keeps what nobody is shown, sealed or not. */
const SHOWN_BY: ReadonlyMap<string, string> = new Map([['tasks', 'task.query']]);

@provider('datastore')
@description('The rows of collections, for services; read only')
export class DatastoreService {
  constructor(private readonly store: Datastore) {}

  @description('Rows that pass the filter, by the query contract')
  @accepts(String, FILTER, PARAMS)
  @returns(h.any())
  @onlyServices()
  async query(
    collection: string,
    filter: unknown,
    params: unknown,
    @sender() caller: Sender,
  ): Promise<unknown> {
    assertReadable(collection);
    const { store } = this;
    return withPasswordsFor(
      caller,
      await store.query(collection, (filter ?? null) as Filter, params as QueryParams | null),
    );
  }

  @description('The first row that passes the filter, or null')
  @accepts(String, FILTER, PARAMS)
  @returns(ROW)
  @onlyServices()
  async getOne(
    collection: string,
    filter: unknown,
    params: unknown,
    @sender() caller: Sender,
  ): Promise<object | null> {
    assertReadable(collection);
    const only = { ...(params as QueryParams | null), single: true, count: false };
    const row = await this.store.query(collection, (filter ?? null) as Filter, only);
    return withPasswordsFor(caller, row as object | null);
  }

  @description('The row with that id, or null')
  @accepts(String, h.anyOf(String, h.integer()))
  @returns(ROW)
  @onlyServices()
  async getById(collection: string, id: RowId, @sender() caller: Sender): Promise<object | null> {
    assertReadable(collection);
    return withPasswordsFor(caller, await this.store.getById(collection, id));
  }

  @description('Whether a row passes the filter')
  @accepts(String, FILTER)
  @returns(Boolean)
  @onlyServices()
  exists(collection: string, filter?: unknown): Promise<boolean> {
    assertReadable(collection);
    return this.store.exists(collection, (filter ?? null) as Filter);
  }
}

/** @throws RpcException EACCES naming the method that shows the rows */
function assertReadable(collection: string): void {
  const method = SHOWN_BY.get(collection);
  if (method !== undefined) throw coded('COLLECTION_NOT_READ', { collection, method });
}
