import { DATASTORE_DRIVERS } from '../../../src/server/datastore-drivers.js';
import type {
  DatastoreDriver,
  DriverRegistry,
  WriteOptions,
  WriteOutcome,
  WriteStep,
} from '../../../src/datastore/index.js';

/** What goes wrong: before the store has written, or after it, when only its answer is lost. */
export interface Trouble {
  readonly error: Error;
  readonly strikes: 'before' | 'after';
}

/** A real driver, of which a test sees each flush and which fails when it says so. */
export class WatchedDriver {
  /** The steps of each batch that was written. */
  readonly flushes: (readonly WriteStep[])[] = [];
  trouble: Trouble | null = null;
  /** Batches that met with trouble. */
  failures = 0;
  /** When given, writes wait for it. */
  pause: Promise<void> | null = null;

  /** Drivers to open a store with, of which this one is told. */
  readonly drivers: DriverRegistry = new Map([
    [
      'sqlite',
      async (dsn, events) => {
        const open = DATASTORE_DRIVERS.get('sqlite');
        if (open === undefined) throw new Error('There is no embedded store');
        return this.#watch(await open(dsn, events));
      },
    ],
  ]);

  /** How many rows were written, over all batches. */
  get rows(): number {
    return this.flushes.reduce((sum, steps) => sum + steps.length, 0);
  }

  #watch(driver: DatastoreDriver): DatastoreDriver {
    const write = (
      steps: readonly WriteStep[],
      options?: WriteOptions,
    ): Promise<readonly WriteOutcome[]> => this.#write(driver, steps, options);
    return new Proxy(driver, {
      get(target, property) {
        if (property === 'write') return write;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  async #write(
    driver: DatastoreDriver,
    steps: readonly WriteStep[],
    options?: WriteOptions,
  ): Promise<readonly WriteOutcome[]> {
    await this.pause;
    const { trouble } = this;
    if (trouble?.strikes === 'before') return this.#fail(trouble.error);
    const outcomes = await driver.write(steps, options);
    if (trouble !== null) return this.#fail(trouble.error);
    this.flushes.push(steps);
    return outcomes;
  }

  #fail(error: Error): never {
    this.failures += 1;
    throw error;
  }
}
