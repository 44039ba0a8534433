import type { CollectionInfo, RowId, StoredRow } from '../../../sdk/datastore.js';
import { cutBatches } from '../../batches.js';
import { assertDocumentSize, MAX_DOCUMENT_BYTES } from '../../document.js';
import type {
  ChangeOptions,
  ClaimRequest,
  CountRequest,
  DatastoreDriver,
  Fields,
  FindRequest,
  WriteOptions,
  WriteOutcome,
  WriteStep,
} from '../../driver.js';
import { Semaphore } from '../../semaphore.js';
import { readerFor } from './readers.js';
import type {
  GuardedRequest,
  Page,
  ReadRequest,
  RowChunks,
  RowsOfIds,
  TextOutcome,
  TextRow,
  TextStep,
  ThreadOptions,
  WriteRequest,
} from './messages.js';
import { NearReader } from './near-reader.js';
import { decodeChunks } from './row-chunks.js';
import { decodeFields, encodeFields, toStoredRow } from './storage-format.js';
import { toException, toFailure } from './sqlite-failure.js';
import { StoreIdentity } from './store-identity.js';
import { ThreadClient } from './thread-client.js';

const STREAM_PAGE = 500;
/** Steps of a write that need not wait for others of the same turn. */
const GATHERED = 8;

/**
 * Collections in one SQLite file. The server's thread translates, and reads itself what is short for
 * certain ({@link NearReader}): one thread writes, two read, and none of it can hold up the event loop.
 */
export class SqliteDriver implements DatastoreDriver {
  readonly #writer: ThreadClient<GuardedRequest>;
  readonly #readers: Readonly<Record<'quick' | 'scan', ThreadClient<ReadRequest>>>;
  /** Queries whose rows are held at a time, however many are asked for. */
  readonly #finds = { quick: new Semaphore(8), scan: new Semaphore(2) };
  readonly #near: NearReader;
  #version = '';
  #identity: StoreIdentity | null = null;

  constructor(private readonly options: ThreadOptions) {
    this.#near = new NearReader(options);
    const reader = new URL(`./reader.thread${SUFFIX}`, import.meta.url);
    this.#writer = new ThreadClient(new URL(`./writer.thread${SUFFIX}`, import.meta.url), options);
    this.#readers = {
      quick: new ThreadClient(reader, options),
      scan: new ThreadClient(reader, options),
    };
  }

  get description(): string {
    return `SQLite ${this.#version} (${this.options.engine}), ${this.options.file}`;
  }

  get flushes(): number {
    return Math.max(0, this.#writer.answeredRounds - 1); // the first answer tells that it is open
  }

  /** @throws DatastoreException when the file cannot be used */
  async open(): Promise<void> {
    this.#version = String(await this.#writer.open());
    this.#near.open();
    this.#identity = new StoreIdentity(this.options.file);
  }

  async close(): Promise<void> {
    const { quick, scan } = this.#readers;
    // The writer last: the last connection to close folds the log into the file
    await Promise.all([this.#near.close(), quick.close(), scan.close()]);
    await this.#writer.close();
  }

  async loadCollections(): Promise<readonly CollectionInfo[]> {
    const rows = await this.#read<readonly { value: string }[]>({ kind: 'collections' });
    return rows.map(({ value }) => decodeFields(value) as unknown as CollectionInfo);
  }

  async saveCollection(collection: CollectionInfo, options?: ChangeOptions): Promise<void> {
    await this.#change({ kind: 'save-collection', collection }, options);
  }

  async dropCollection(name: string, options?: ChangeOptions): Promise<void> {
    await this.#change({ kind: 'drop-collection', name }, options);
  }

  async get(collection: CollectionInfo, id: RowId): Promise<StoredRow | null> {
    const near = this.#near.get(collection, id);
    if (near !== undefined) return near;
    return decode(await this.#read<TextRow | null>({ kind: 'get', collection, id }));
  }

  find(request: FindRequest): AsyncIterable<readonly StoredRow[]> {
    if (request.mode === 'snapshot') return this.#findAll(request);
    const pages = request.sort.length === 0 ? this.#pages(request) : this.#sortedPages(request);
    return cutBatches(pages, request);
  }

  count({ collection, filter }: CountRequest): Promise<number> {
    return this.#read({ kind: 'count', collection, filter });
  }

  async write(
    steps: readonly WriteStep[],
    { isUntold = false, guard }: WriteOptions = {},
  ): Promise<readonly WriteOutcome[]> {
    const texts = isUntold ? toTexts(steps) : steps.map(toText);
    const outcomes = await this.#writer.request<readonly TextOutcome[]>(
      { kind: 'write', steps: texts, isUntold, term: guard?.term },
      steps.length >= GATHERED ? 'at once' : 'with others',
    );
    return outcomes.map((outcome, index) => toOutcome(steps[index]?.kind, outcome));
  }

  async claim(
    { collection, filter, sort, patch }: ClaimRequest,
    options?: ChangeOptions,
  ): Promise<StoredRow | null> {
    const request = {
      kind: 'claim',
      collection,
      filter,
      sort,
      patch: encodeFields(patch),
    } as const;
    return decode(await this.#change<TextRow | null>(request, options));
  }

  removeWhere({ collection, filter }: CountRequest, options?: ChangeOptions): Promise<number> {
    return this.#change({ kind: 'remove-where', collection, filter }, options);
  }

  increment(counter: string, by: number, options?: ChangeOptions): Promise<number> {
    return this.#change({ kind: 'increment', counter, by }, options);
  }

  async listCounters(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#read<readonly { name: string; value: number }[]>({ kind: 'counters' });
    return new Map(rows.map(({ name, value }) => [name, value]));
  }

  lastSerial(collection: CollectionInfo): Promise<number> {
    return this.#read({ kind: 'last-serial', collection });
  }

  async raiseSerial(
    collection: CollectionInfo,
    atLeast: number,
    options?: ChangeOptions,
  ): Promise<void> {
    await this.#change({ kind: 'raise-serial', collection, atLeast }, options);
  }

  async currentTerm(): Promise<number> {
    const [row] = await this.#read<readonly { term: number }[]>({ kind: 'term' });
    return Number(row?.term);
  }

  raiseTerm(from: number): Promise<boolean> {
    return this.#change({ kind: 'raise-term', from });
  }

  /** Not by the writing thread, which may be busy for a while and is in order all the same. */
  async check(): Promise<void> {
    try {
      this.#identity?.assertSame();
    } catch (error) {
      throw toException(toFailure(error), this.options.file);
    }
    await this.#read({ kind: 'term' });
  }

  #change<T>(request: WriteRequest, { guard }: ChangeOptions = {}): Promise<T> {
    return this.#writer.request<T>({ ...request, term: guard?.term });
  }

  async #read<T>(request: ReadRequest): Promise<T> {
    const near = this.#near.read(request);
    if (near !== undefined) return near as T;
    return this.#readers[readerFor(request)].request<T>(request);
  }

  async *#findAll(request: FindRequest): AsyncGenerator<StoredRow[]> {
    const near = this.#near.find(request);
    if (near === undefined) yield* this.#findFar(request);
    else yield near;
  }

  async *#findFar({
    collection,
    filter,
    sort,
    offset,
    limit,
    maxBytes,
  }: FindRequest): AsyncGenerator<StoredRow[]> {
    const request = { kind: 'find', collection, filter, sort, offset, limit, maxBytes } as const;
    const leave = await this.#finds[readerFor(request)].enter();
    try {
      yield* decodeChunks(await this.#read<RowChunks>(request));
    } finally {
      leave();
    }
  }

  async *#pages({ collection, filter }: FindRequest): AsyncGenerator<StoredRow[]> {
    let after: RowId | null = null;
    do {
      const page: Page = await this.#read<Page>({ kind: 'page', collection, filter, after });
      yield* decodeChunks(page.chunks);
      after = page.last;
    } while (after !== null);
  }

  async *#sortedPages(request: FindRequest): AsyncGenerator<StoredRow[]> {
    const { collection, filter, sort, maxBytes } = request;
    const order = { kind: 'ids', collection, filter, sort, maxBytes } as const;
    const ids = await this.#read<readonly RowId[]>(order);
    for (let start = 0; start < ids.length;) {
      const page = ids.slice(start, start + STREAM_PAGE);
      const request = { kind: 'rows', collection, filter, ids: page } as const;
      const { chunks, count } = await this.#read<RowsOfIds>(request);
      yield* decodeChunks(chunks);
      start += count;
    }
  }
}

/** For steps whose outcomes nobody is told. */
function toTexts(steps: readonly WriteStep[]): readonly TextStep[] {
  const texts: TextStep[] = [];
  for (const step of steps) {
    if (!canRun(step)) {
      texts.push(toText(step));
      continue;
    }
    const kind = RUN_OF[step.kind];
    const latest = texts.at(-1);
    if (latest?.kind === kind && latest.collection === step.collection) {
      latest.ids.push(step.id);
      latest.docs.push(encodeDocument(step));
    } else {
      const { collection, id } = step;
      texts.push({ kind, collection, ids: [id], docs: [encodeDocument(step)] });
    }
  }
  return texts;
}

const RUN_OF = { insert: 'inserts', upsert: 'upserts' } as const;

/** Whether the step's id and text say all of it. */
function canRun(step: WriteStep): step is WriteStep & { readonly kind: keyof typeof RUN_OF } {
  if (step.kind === 'upsert') return Object.keys(step.sticky).length === 0;
  return step.kind === 'insert';
}

function toText(step: WriteStep): TextStep {
  switch (step.kind) {
    case 'delete':
      return step;
    case 'insert':
      return {
        kind: 'insert',
        collection: step.collection,
        id: step.id,
        doc: encodeDocument(step),
      };
    case 'update':
      return {
        kind: 'update',
        collection: step.collection,
        id: step.id,
        doc: encodeDocument(step),
      };
    case 'replace':
    case 'upsert': {
      const { kind, collection, id, sticky } = step;
      return { kind, collection, id, doc: encodeDocument(step), sticky: encodeFields(sticky) };
    }
  }
}

function encodeDocument({ collection, fields }: WriteStep & { readonly fields: Fields }): string {
  const doc = encodeFields(fields);
  // Counted in UTF-16 units first: only a long text is worth the exact measure
  if (doc.length > MAX_DOCUMENT_BYTES / 3) {
    assertDocumentSize(collection.name, Buffer.byteLength(doc));
  }
  return doc;
}

function toOutcome(kind: WriteStep['kind'] | undefined, outcome: TextOutcome): WriteOutcome {
  if (typeof outcome === 'boolean') return { kind: 'deleted', found: outcome };
  if (kind === 'insert' || typeof outcome !== 'object')
    return { kind: 'inserted', id: outcome as RowId };
  return { kind: 'written', row: toStoredRow(outcome.id, outcome.doc) };
}

function decode(row: TextRow | null): StoredRow | null {
  return row === null ? null : toStoredRow(row.id, row.doc);
}

// The threads' scripts lie beside this file, in TypeScript as in what it is compiled to
const SUFFIX = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
