import { coded } from '../common/index.js';
import {
  accepts,
  Datastore,
  description,
  type Filter,
  h,
  type Infer,
  private as onlyServices,
  provider,
  type QueryParams,
  requireRoles,
  returns,
  type RowId,
  type Sender,
  sender,
} from '../sdk/index.js';
import { FILTER_SCHEMA, QUERY_PARAMS_SCHEMA } from '../common/query/index.js';
import { withPasswordsFor } from './with-passwords.js';
import { BROWSED, type Browsed, COLLECTION_ROW, type CollectionRow } from '../wire/index.js';
import { assertNoSecretAsked, cutRow, wholeRow } from './shown-rows.js';

const FILTER = h.optional(FILTER_SCHEMA);
const PARAMS = h.optional(QUERY_PARAMS_SCHEMA);
const ROW = h.nullable(Object);

const MAX_BROWSED = 200;
const DEFAULT_BROWSED = 50;
const PAGE = h.object({
  sort: h.optional(h.array(h.string({ maxLength: 256 }), { maxItems: 8 })),
  offset: h.optional(h.integer({ minimum: 0 })),
  limit: h.optional(h.integer({ minimum: 1, maximum: MAX_BROWSED })),
});
type Page = Infer<typeof PAGE>;

/** Of their rows some fields are for nobody: who manages them has methods that leave those out. */
const MANAGED_BY: ReadonlyMap<string, string> = new Map([
  ['api_keys', 'account.list_api_keys'],
  ['config', 'settings.get'],
  ['etc.certificates', 'etc.certificate.query'],
  ['schedules', 'schedule.query'],
  ['tasks', 'task.query'],
  ['users', 'account.query'],
]);

/** Keeps what nobody is shown, sealed or not. */
const SHOWN_BY: ReadonlyMap<string, string> = new Map([['tasks', 'task.query']]);

@provider('datastore')
@description('The rows of collections, for services and to look at for administrators; read only')
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

  @description('The collections, with how many rows each has and which method shows them')
  @accepts()
  @returns(h.array(COLLECTION_ROW))
  @requireRoles('admin')
  async listCollections(): Promise<CollectionRow[]> {
    const collections = await this.store.listCollections();
    return Promise.all(
      collections.map(async ({ name, key, unique, indexes }) => ({
        ...{ name, key, shown_by: MANAGED_BY.get(name) ?? null },
        rows: MANAGED_BY.has(name) ? null : await this.store.count(name),
        unique: unique.map((fields) => [...fields]),
        indexes: indexes.map((fields) => [...fields]),
      })),
    );
  }

  @description('Rows to look at, secrets hidden and long values cut, with how many there are')
  @accepts(String, FILTER, h.optional(PAGE))
  @returns(BROWSED)
  @requireRoles('admin')
  async browse(collection: string, filter?: unknown, page: Page = {}): Promise<Browsed> {
    assertManagedByNobody(collection);
    const { sort = ['id'], offset = 0, limit = DEFAULT_BROWSED } = page;
    const wanted = (filter ?? null) as Filter;
    assertNoSecretAsked(wanted, sort);
    const [total, rows] = await Promise.all([
      this.store.count(collection, wanted),
      this.store.query(collection, wanted, { sort, offset, limit }),
    ]);
    return { total, rows: rows.map(cutRow) };
  }

  @description('A row as a whole, secrets hidden; null when there is none')
  @accepts(String, h.anyOf(String, h.integer()))
  @returns(ROW)
  @requireRoles('admin')
  async browseRow(collection: string, id: RowId): Promise<object | null> {
    assertManagedByNobody(collection);
    const row = await this.store.getById(collection, id);
    return row === null ? null : wholeRow(row);
  }
}

/** @throws RpcException EACCES naming the method that shows the rows */
function assertReadable(collection: string): void {
  const method = SHOWN_BY.get(collection);
  if (method !== undefined) throw coded('COLLECTION_NOT_READ', { collection, method });
}

/** @throws RpcException EACCES naming the method that shows the rows */
function assertManagedByNobody(collection: string): void {
  const method = MANAGED_BY.get(collection);
  if (method !== undefined) throw coded('COLLECTION_NOT_READ', { collection, method });
}
