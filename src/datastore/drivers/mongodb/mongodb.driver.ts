import type { mongo } from 'mongoose';
import type { CollectionInfo, RowId, StoredRow } from '../../../sdk/datastore.js';
import type {
  ChangeOptions,
  ClaimRequest,
  CountRequest,
  DatastoreDriver,
  FindRequest,
  WriteOptions,
  WriteOutcome,
  WriteStep,
} from '../../driver.js';
import { type BsonRow, decodeFields, decodeRow, encodeFields } from './bson-format.js';
import { indexPlans } from './indexes.js';
import { boundBatches } from '../../batches.js';
import { batchesOf, prepareSearch, prepareSort, searchRows } from './mongo-search.js';
import type { Context, MongoSession } from './mongo-session.js';
import { modifyRow, MongoWriter, setFields } from './mongo-writer.js';
import { SerialIds } from './serial-ids.js';
import { Terms } from './terms.js';
import { Counters } from './counters.js';
import { type CollectionRecord, type SystemModels, systemModels } from './system-models.js';

/** Collections in a MongoDB database, one for each of ours, under the same names. */
export class MongodbDriver implements DatastoreDriver {
  readonly #models: SystemModels;
  readonly #counters: Counters;
  readonly #serials: SerialIds;
  readonly #writer: MongoWriter;
  readonly #terms: Terms;

  constructor(private readonly session: MongoSession) {
    this.#models = systemModels(session.connection);
    this.#counters = new Counters(this.#models.counters);
    this.#serials = new SerialIds(this.#counters);
    this.#terms = new Terms(session);
    this.#writer = new MongoWriter(session, { serials: this.#serials, terms: this.#terms });
  }

  get description(): string {
    const { product, address, hasTransactions } = this.session;
    return `${product}, ${address.shown}${hasTransactions ? '' : ' (standing alone: batches are not atomic in a crash)'}`;
  }

  close(): Promise<void> {
    return this.session.close();
  }

  loadCollections(): Promise<readonly CollectionInfo[]> {
    return this.session.guard('', async () => {
      const records = await this.#models.collections.find().lean<CollectionRecord[]>();
      return records.map(toInfo);
    });
  }

  saveCollection(collection: CollectionInfo, options?: ChangeOptions): Promise<void> {
    const { name, attributes, ...rest } = collection;
    return this.#change(name, options, async () => {
      await this.#saveIndexes(collection);
      if (collection.key === 'serial') await this.#serials.create(name);
      const record = { ...rest, attributes: encodeFields(attributes) };
      await this.#models.collections.updateOne({ _id: name }, { $set: record }, { upsert: true });
    });
  }

  dropCollection(name: string, options?: ChangeOptions): Promise<void> {
    return this.#change(name, options, async () => {
      // The definition first: without it the rows are out of reach, should the rest fail
      await this.#models.collections.deleteOne({ _id: name });
      await this.#rows(name).drop();
      await this.#serials.drop(name);
    });
  }

  get({ name }: CollectionInfo, id: RowId): Promise<StoredRow | null> {
    return this.session.guard(name, async () =>
      decode(await this.#rows(name).findOne({ _id: id })),
    );
  }

  async *find(request: FindRequest): AsyncGenerator<readonly StoredRow[]> {
    const found = searchRows(this.#rows(request.collection.name), request);
    const batches = request.mode === 'snapshot' ? boundBatches(found, request.maxBytes) : found;
    try {
      for (;;) {
        const next = await this.session.guard(request.collection.name, () => batches.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await batches.return(undefined);
    }
  }

  count({ collection, filter }: CountRequest): Promise<number> {
    const search = prepareSearch(collection, filter);
    const rows = this.#rows(collection.name);
    return this.session.guard(collection.name, async () => {
      if (search.recheck === null) return rows.countDocuments(search.query);
      let count = 0;
      for await (const batch of batchesOf(rows.find(search.query), search)) count += batch.length;
      return count;
    });
  }

  write(
    steps: readonly WriteStep[],
    { guard }: WriteOptions = {},
  ): Promise<readonly WriteOutcome[]> {
    const place = steps[0]?.collection.name ?? '';
    return this.session.guard(place, () => this.#writer.write(steps, guard));
  }

  claim(request: ClaimRequest, { guard }: ChangeOptions = {}): Promise<StoredRow | null> {
    if (guard === undefined) return this.#claim(request, {});
    return this.session.guard(request.collection.name, () =>
      this.#terms.change(guard, (context) => this.#claim(request, context)),
    );
  }

  #claim(request: ClaimRequest, context: Context): Promise<StoredRow | null> {
    const { collection, filter, patch } = request;
    const search = prepareSearch(collection, filter);
    const sort = prepareSort(collection, request.sort);
    const change = setFields(collection, patch);
    const write = { collection, id: null, fields: patch };
    return modifyRow(this.session, write, context, async (rows) => {
      if (search.recheck !== null || sort === null) {
        return this.#claimByHand(request, change, context);
      }
      const options = { ...context, sort, returnDocument: 'after' } as const;
      return decode(await rows.findOneAndUpdate(search.query, change, options));
    });
  }

  /** Finds the row, then changes it if it still is what was found; else looks again. */
  async #claimByHand(
    { collection, filter, sort }: ClaimRequest,
    change: mongo.UpdateFilter<BsonRow>,
    context: Context,
  ): Promise<StoredRow | null> {
    const rows = this.#rows(collection.name);
    for (;;) {
      const request: FindRequest = {
        collection,
        filter,
        sort,
        offset: 0,
        limit: 1,
        mode: 'stream',
        maxBytes: Number.POSITIVE_INFINITY,
      };
      const candidate = await firstOf(searchRows(rows, request, context));
      if (candidate === null) return null;
      const { id, ...fields } = candidate;
      const unchanged = { $eq: ['$$ROOT', { $literal: { _id: id, ...encodeFields(fields) } }] };
      const row = await rows.findOneAndUpdate({ _id: id, $expr: unchanged }, change, {
        ...context,
        returnDocument: 'after',
      });
      if (row !== null) return decodeRow(row);
    }
  }

  removeWhere({ collection, filter }: CountRequest, options?: ChangeOptions): Promise<number> {
    const search = prepareSearch(collection, filter);
    const rows = this.#rows(collection.name);
    return this.#change(collection.name, options, async () => {
      if (search.recheck === null) return (await rows.deleteMany(search.query)).deletedCount;
      let removed = 0;
      for await (const batch of batchesOf(rows.find(search.query), search)) {
        const ids = batch.map(({ id }) => id);
        removed += (await rows.deleteMany({ _id: { $in: ids } })).deletedCount;
      }
      return removed;
    });
  }

  increment(counter: string, by: number, options?: ChangeOptions): Promise<number> {
    return this.#change('', options, () => this.#counters.increment(counter, by));
  }

  listCounters(): Promise<ReadonlyMap<string, number>> {
    return this.session.guard('', async () => {
      const counters = await this.#counters.list();
      return new Map(counters.filter(([name]) => !SerialIds.owns(name)));
    });
  }

  lastSerial({ name }: CollectionInfo): Promise<number> {
    return this.session.guard(name, () => this.#serials.last(name));
  }

  raiseSerial({ name }: CollectionInfo, atLeast: number, options?: ChangeOptions): Promise<void> {
    return this.#change(name, options, () => this.#serials.raise(name, atLeast));
  }

  currentTerm(): Promise<number> {
    return this.session.guard('', () => this.#terms.current());
  }

  raiseTerm(from: number): Promise<boolean> {
    return this.session.guard('', () => this.#terms.raise(from));
  }

  async check(): Promise<void> {
    await this.currentTerm();
  }

  /** What cannot be part of a transaction, or would be too long a one: the guard is looked at before it. */
  #change<T>(place: string, { guard }: ChangeOptions = {}, change: () => Promise<T>): Promise<T> {
    return this.session.guard(place, async () => {
      if (guard !== undefined) await this.#terms.assertPresent(guard);
      return change();
    });
  }

  /** Brings the indexes to the definition; unique ones are built before the definition is believed. */
  async #saveIndexes(collection: CollectionInfo): Promise<void> {
    const rows = this.#rows(collection.name);
    await this.#createRows(collection.name);
    const wanted = indexPlans(collection);
    const present = (await rows.indexes()).map(({ name }) => String(name));
    for (const name of present) {
      const isKept = name === '_id_' || wanted.some((plan) => plan.name === name);
      if (!isKept) await rows.dropIndex(name);
    }
    for (const { name, key, options } of wanted) {
      if (!present.includes(name)) await rows.createIndexes([{ ...options, name, key }]);
    }
  }

  async #createRows(name: string): Promise<void> {
    const database = this.session.connection.getClient().db(this.session.address.database);
    const isThere = await database.listCollections({ name }, { nameOnly: true }).hasNext();
    if (!isThere) await database.createCollection(name);
  }

  #rows(name: string): mongo.Collection<BsonRow> {
    return this.session.rows(name);
  }
}

function toInfo({ _id, attributes, ...rest }: CollectionRecord): CollectionInfo {
  const { key, unique, indexes, timestamps, migrations, hasPasswords } = rest;
  return {
    name: _id,
    key,
    unique,
    indexes,
    timestamps,
    attributes: decodeFields(attributes),
    migrations,
    ...(hasPasswords === true && { hasPasswords }),
  };
}

function decode(row: BsonRow | null): StoredRow | null {
  return row === null ? null : decodeRow(row);
}

async function firstOf(batches: AsyncIterable<readonly StoredRow[]>): Promise<StoredRow | null> {
  for await (const [row] of batches) if (row !== undefined) return row;
  return null;
}
