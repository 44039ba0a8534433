import type { DispatcherClient } from '../dispatcher-client.js';
import type { Subscription } from '../events/event-client.js';
import { Observers } from '../observers.js';
import { ALL, type Changes, mergeChanges, readChange, type RowKey } from './changes.js';

export interface CollectionOptions {
  /** The method that lists the rows: takes a filter and params. Default `query` of the service. */
  readonly query?: string;
  /** The event, or several, that tells of changes as `{operation, ids}`. Default `changed` of the service. */
  readonly changed?: string | readonly string[];
  /** The property that a row is found by. Default `id`. */
  readonly key?: string;
  /** Rows that are wanted; a row that does not fit any more leaves. Default all. */
  readonly filter?: readonly unknown[];
  /** Rows that one query brings. Default 500. */
  readonly pageSize?: number;
}

/** What {@link Collection.on} is told. */
export interface CollectionState<Row> {
  /** By their keys, in the order of these. */
  readonly rows: ReadonlyMap<RowKey, Row>;
  /** False from when something is known to have changed until it has been read. */
  readonly isCurrent: boolean;
  /** Why the rows could not be read; null when they could. Tried again with the next change or connection. */
  readonly error: Error | null;
}

const PAGE_SIZE = 500;

/**
 * The rows of a service kept in step: read once, then again those that events tell of, and all of them
 * after a gap. As soon as it is current, its rows are what a query would answer. Reads while somebody
 * listens; made by {@link collectionOf}, which gives all who want the same rows one collection.
 */
export class Collection<Row extends object = Record<string, unknown>> {
  readonly #observers = new Observers<CollectionState<Row>>();
  readonly #options: Required<CollectionOptions>;
  #state: CollectionState<Row> = { rows: new Map(), isCurrent: false, error: null };
  #listeners = 0;
  #changes: Changes | null = null;
  #isReading = false;
  #stop: () => void = () => undefined;

  constructor(
    private readonly client: DispatcherClient,
    service: string,
    options: CollectionOptions = {},
  ) {
    this.#options = {
      query: `${service}.query`,
      changed: `${service}.changed`,
      key: 'id',
      filter: [],
      pageSize: PAGE_SIZE,
      ...options,
    };
  }

  get state(): CollectionState<Row> {
    return this.#state;
  }

  /**
   * Tells of the rows now, where they are known, and after each change; returns what ends that. The first
   * listener starts the reading, the last one ends it.
   */
  on(listener: (state: CollectionState<Row>) => void): () => void {
    const forget = this.#observers.add(listener);
    this.#listeners += 1;
    if (this.#listeners === 1) this.#start();
    else if (this.#state.isCurrent) listener(this.#state);
    let isOn = true;
    return () => {
      if (!isOn) return;
      isOn = false;
      forget();
      this.#listeners -= 1;
      if (this.#listeners === 0) this.#end();
    };
  }

  /**
   * The rows, as soon as they are current.
   *
   * @throws (rejects with) DispatcherClientError when they cannot be read
   */
  rows(): Promise<ReadonlyMap<RowKey, Row>> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        queueMicrotask(() => forget());
        act();
      };
      const forget = this.on(({ rows, isCurrent, error }) => {
        if (isCurrent) settle(() => resolve(rows));
        else if (error !== null) settle(() => reject(error));
      });
    });
  }

  #start(): void {
    const { events } = this.client;
    const { changed } = this.#options;
    const subscription: Subscription = events.on(
      changed,
      ({ args }) => this.#note(readChange(args)),
      { onGap: () => this.#note(ALL) },
    );
    const forgetState = this.client.onState(({ kind }) => {
      // without an account there is nothing to read, and what failed is tried anew
      if (kind === 'authenticated' && this.#state.error !== null) this.#note(ALL);
    });
    const stop = (): void => {
      subscription.close();
      forgetState();
    };
    this.#stop = stop;
    // what is read after the subscription stands misses nothing
    subscription.ready.then(
      () => {
        if (this.#stop === stop) this.#note(ALL);
      },
      (error: unknown) => {
        if (this.#stop === stop) this.#tell({ ...this.#state, error: error as Error });
      },
    );
  }

  #end(): void {
    this.#stop();
    this.#stop = () => undefined;
    this.#changes = null;
    this.#state = { rows: new Map(), isCurrent: false, error: null };
  }

  #note(changes: Changes): void {
    this.#changes = mergeChanges(this.#changes, changes);
    if (this.#state.isCurrent) this.#state = { ...this.#state, isCurrent: false };
    if (!this.#isReading) void this.#read();
  }

  /** One change after the other, for each answer is newer than the one before. */
  async #read(): Promise<void> {
    this.#isReading = true;
    try {
      while (this.#changes !== null) {
        const changes = this.#changes;
        this.#changes = null;
        await this.#apply(changes);
      }
    } finally {
      this.#isReading = false;
    }
  }

  async #apply(changes: Changes): Promise<void> {
    const stop = this.#stop;
    try {
      const rows =
        changes === ALL ? await this.#readAll() : await this.#readSome([...changes], this.#state);
      if (stop === this.#stop) {
        this.#tell({ rows, isCurrent: this.#changes === null, error: null });
      }
    } catch (error) {
      if (stop === this.#stop) {
        this.#changes = null;
        this.#tell({ ...this.#state, isCurrent: false, error: error as Error });
      }
    }
  }

  async #readAll(): Promise<Map<RowKey, Row>> {
    const { filter, key, pageSize } = this.#options;
    const rows = new Map<RowKey, Row>();
    for (let last: RowKey | null = null; ;) {
      const after = last === null ? [] : [[key, '>', last]];
      const page = await this.#query([...filter, ...after], { sort: key, limit: pageSize });
      for (const row of page) rows.set(this.#keyOf(row), row);
      const end = page.at(-1);
      if (page.length < pageSize || end === undefined) return rows;
      last = this.#keyOf(end);
    }
  }

  async #readSome(
    keys: readonly RowKey[],
    { rows: before }: CollectionState<Row>,
  ): Promise<Map<RowKey, Row>> {
    const { filter, key, pageSize } = this.#options;
    const rows = new Map(before);
    let hasCome = false;
    for (let start = 0; start < keys.length; start += pageSize) {
      const part = keys.slice(start, start + pageSize);
      const found = new Map<RowKey, Row>();
      const wanted = [...filter, [key, 'in', part]];
      for (const row of await this.#query(wanted, { sort: key })) found.set(this.#keyOf(row), row);
      for (const one of part) {
        const row = found.get(one);
        if (row === undefined) rows.delete(one);
        else {
          hasCome ||= !rows.has(one);
          rows.set(one, row);
        }
      }
    }
    return hasCome ? new Map([...rows].sort(([a], [b]) => compareKeys(a, b))) : rows;
  }

  #query(filter: readonly unknown[], params: object): Promise<readonly Row[]> {
    return this.client.call<readonly Row[]>(this.#options.query, [filter, params], {
      idempotent: true,
    });
  }

  #keyOf(row: Row): RowKey {
    return Reflect.get(row, this.#options.key) as RowKey;
  }

  #tell(state: CollectionState<Row>): void {
    this.#state = state;
    this.#observers.tell(state);
  }
}

/** As the server sorts: numbers before texts, texts by their code points. */
function compareKeys(a: RowKey, b: RowKey): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'number' || typeof b === 'number') return typeof a === 'number' ? -1 : 1;
  for (let i = 0; i < a.length && i < b.length; i += 1) {
    if (a[i] !== b[i]) return (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0);
  }
  return a.length - b.length;
}
