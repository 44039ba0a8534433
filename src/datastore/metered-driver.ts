import type { MetricFamily, MetricsSource } from '../metrics/index.js';
import { counter, gauge, samplesBy } from '../metrics/index.js';
import type { CollectionInfo, RowId, StoredRow } from '../sdk/datastore.js';
import type {
  ChangeOptions,
  ClaimRequest,
  CountRequest,
  DatastoreDriver,
  FindRequest,
  WriteOptions,
  WriteOutcome,
  WriteStep,
} from './driver.js';
import type { WriteHealth } from './write-health.js';

/** Counts what a driver is asked, how long that takes and what of it fails; passes everything on. */
export class MeteredDriver implements DatastoreDriver, MetricsSource {
  readonly #operations = new Map<string, number>();
  #failures = 0;
  #running = 0;
  #busyMs = 0;

  constructor(
    private readonly driver: DatastoreDriver,
    readonly writes: WriteHealth,
  ) {}

  get description(): string {
    return this.driver.description;
  }

  get flushes(): number | undefined {
    return this.driver.flushes;
  }

  collect(): MetricFamily[] {
    const { flushes } = this;
    return [
      {
        name: 'dispatcher_datastore_operations_total',
        help: 'What the store was asked',
        type: 'counter',
        samples: samplesBy('operation', this.#operations),
      },
      counter('dispatcher_datastore_failures_total', 'Operations that failed', this.#failures),
      counter(
        'dispatcher_datastore_seconds_total',
        'Time that operations took, added up',
        this.#busyMs / 1_000,
      ),
      gauge('dispatcher_datastore_running', 'Operations without an answer yet', this.#running),
      ...(flushes === undefined
        ? []
        : [
            counter(
              'dispatcher_datastore_flushes_total',
              'Commits; many writes share one',
              flushes,
            ),
          ]),
    ];
  }

  loadCollections(): Promise<readonly CollectionInfo[]> {
    return this.#measured('collections', () => this.driver.loadCollections());
  }

  saveCollection(collection: CollectionInfo, options?: ChangeOptions): Promise<void> {
    return this.#changed('define', () => this.driver.saveCollection(collection, options));
  }

  dropCollection(name: string, options?: ChangeOptions): Promise<void> {
    return this.#changed('drop', () => this.driver.dropCollection(name, options));
  }

  get(collection: CollectionInfo, id: RowId): Promise<StoredRow | null> {
    return this.#measured('get', () => this.driver.get(collection, id));
  }

  /** How long its consumer takes is not the store's time: only that it was asked is counted. */
  find(request: FindRequest): AsyncIterable<readonly StoredRow[]> {
    this.#count('find');
    return this.driver.find(request);
  }

  count(request: CountRequest): Promise<number> {
    return this.#measured('count', () => this.driver.count(request));
  }

  write(steps: readonly WriteStep[], options?: WriteOptions): Promise<readonly WriteOutcome[]> {
    return this.#changed('write', () => this.driver.write(steps, options));
  }

  claim(request: ClaimRequest, options?: ChangeOptions): Promise<StoredRow | null> {
    return this.#changed('claim', () => this.driver.claim(request, options));
  }

  removeWhere(request: CountRequest, options?: ChangeOptions): Promise<number> {
    return this.#changed('remove', () => this.driver.removeWhere(request, options));
  }

  increment(name: string, by: number, options?: ChangeOptions): Promise<number> {
    return this.#changed('increment', () => this.driver.increment(name, by, options));
  }

  listCounters(): Promise<ReadonlyMap<string, number>> {
    return this.#measured('counters', () => this.driver.listCounters());
  }

  lastSerial(collection: CollectionInfo): Promise<number> {
    return this.#measured('serial', () => this.driver.lastSerial(collection));
  }

  raiseSerial(collection: CollectionInfo, atLeast: number, options?: ChangeOptions): Promise<void> {
    return this.#changed('serial', () => this.driver.raiseSerial(collection, atLeast, options));
  }

  currentTerm(): Promise<number> {
    return this.#measured('term', () => this.driver.currentTerm());
  }

  raiseTerm(from: number): Promise<boolean> {
    return this.#measured('term', () => this.driver.raiseTerm(from));
  }

  check(): Promise<void> {
    return this.#measured('check', () => this.driver.check());
  }

  close(): Promise<void> {
    return this.driver.close();
  }

  async #changed<T>(operation: string, work: () => Promise<T>): Promise<T> {
    try {
      const outcome = await this.#measured(operation, work);
      this.writes.noteSuccess();
      return outcome;
    } catch (error) {
      this.writes.noteFailure(error);
      throw error;
    }
  }

  async #measured<T>(operation: string, work: () => Promise<T>): Promise<T> {
    this.#count(operation);
    this.#running += 1;
    const begunAt = performance.now();
    try {
      return await work();
    } catch (error) {
      this.#failures += 1;
      throw error;
    } finally {
      this.#running -= 1;
      this.#busyMs += performance.now() - begunAt;
    }
  }

  #count(operation: string): void {
    this.#operations.set(operation, (this.#operations.get(operation) ?? 0) + 1);
  }
}
