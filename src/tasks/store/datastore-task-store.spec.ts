import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../testing/index.js';
import { Errno, messageOf, type RpcException } from '../../common/index.js';
import type { DocumentStore } from '../../datastore/index.js';
import { DatastoreException, Logger, type WriteOperation } from '../../sdk/index.js';
import type { StoredTask } from '../row/task-row.js';
import { DatastoreTaskStore } from './datastore-task-store.js';

/** Rows in memory; each batch happens as a whole, or fails as a test says. */
class FakeStore {
  readonly rows = new Map<number, Record<string, unknown>>();
  readonly batches: (readonly WriteOperation[])[] = [];
  failure: ((operations: readonly WriteOperation[]) => Error | null) | null = null;
  /** How many turns of the event loop the next flush takes. */
  duration: () => number = () => 1;
  underWay = 0;
  mostUnderWay = 0;

  requireCollection = (): Promise<void> => Promise.resolve();
  collection = (): Promise<object> => Promise.resolve({});
  lastSerial = (): Promise<number> => Promise.resolve(10);

  async write(operations: readonly WriteOperation[]): Promise<void> {
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    for (let turn = this.duration(); turn > 0; turn -= 1) await oneTurn();
    this.underWay -= 1;
    const failure = this.failure?.(operations) ?? null;
    if (failure !== null) throw failure;
    this.batches.push(operations);
    this.apply(operations);
  }

  apply(operations: readonly WriteOperation[]): void {
    for (const operation of operations) {
      if (operation.kind === 'delete') this.rows.delete(operation.id as number);
      else if (operation.kind === 'insert') {
        const { id } = operation.document as { id: number };
        if (this.rows.has(id)) throw new Error(`Row ${id} is there already`);
        this.rows.set(id, operation.document);
      } else if (operation.kind === 'upsert') {
        this.rows.set(operation.id as number, operation.document);
      }
    }
  }
}

const oneTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Silence extends Logger {
  readonly errors: string[] = [];
  trace(): void {}
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(message: string): void {
    this.errors.push(message);
  }
}

let store: FakeStore;
let clock: VirtualClock;
let logger: Silence;
let failures: (RpcException | null)[];
let taskStore: DatastoreTaskStore;

const openTaskStore = async (): Promise<void> => {
  store = new FakeStore();
  clock = new VirtualClock();
  logger = new Silence();
  failures = [];
  taskStore = await DatastoreTaskStore.open({
    store: store as unknown as DocumentStore,
    clock,
    logger,
    onFailure: (failure) => failures.push(failure),
  });
};

beforeEach(openTaskStore);

const row = (id: number, state = 'CREATED'): StoredTask => ({ id, state }) as StoredTask;
const isDown = (): Error => new DatastoreException(Errno.EIO, 'the disk is away');
const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'stored',
    (error: unknown) => messageOf(error),
  );
/** Lets a flush that is under way come to its end. */
const aWhile = async (): Promise<void> => {
  for (let turn = 0; turn < 6; turn += 1) await oneTurn();
};

describe('The taskStore', () => {
  it('gives out numbers after the last that the store knows', () => {
    expect([taskStore.nextId(), taskStore.nextId()]).toEqual([11, 12]);
  });

  it('stores what comes in one turn in one flush, and a row once however often it changed', async () => {
    const saved = Array.from({ length: 64 }, (_, index) => taskStore.create(row(index + 1)));
    saved.push(taskStore.save(row(1, 'WAITING')), taskStore.save(row(1, 'EXECUTING')));
    await Promise.all(saved);
    expect(store.batches.map((batch) => batch.length)).toEqual([64]);
    expect(store.rows.get(1)).toMatchObject({ state: 'EXECUTING' });
  });

  it('stores what comes during a flush in the next one, behind what was changed before', async () => {
    await Promise.all([taskStore.create(row(1)), taskStore.create(row(2))]);
    await aWhile();
    const first = taskStore.save(row(1, 'EXECUTING'));
    await oneTurn();
    const others = [taskStore.save(row(2, 'WAITING')), taskStore.save(row(1, 'FINISHED'))];
    others.push(taskStore.save(row(2, 'EXECUTING')));
    await Promise.all([first, ...others]);
    const order = store.batches.slice(1).map((batch) =>
      batch.map((operation) => {
        if (operation.kind !== 'upsert') return operation.kind;
        return `${operation.id} ${String(operation.document['state'])}`;
      }),
    );
    expect(order).toEqual([['1 EXECUTING'], ['1 FINISHED', '2 EXECUTING']]);
  });

  it('does not let first rows wait for a flush that is under way, but for a handful', async () => {
    const create = (from: number, count: number): Promise<void>[] =>
      Array.from({ length: count }, (_, index) => taskStore.create(row(from + index)));
    store.duration = () => 3;
    const saved = create(1, 1);
    await oneTurn();
    saved.push(...create(2, 8));
    await oneTurn();
    saved.push(...create(10, 7));
    await Promise.all(saved);
    expect(store.batches.map((batch) => batch.length)).toEqual([1, 8, 7]);
    expect(store.mostUnderWay).toBe(2);
  });

  it('lets changes wait for every flush that is under way', async () => {
    await taskStore.create(row(1));
    store.duration = () => 3;
    const saved = [taskStore.create(row(2))];
    await oneTurn();
    saved.push(taskStore.save(row(1, 'FINISHED')), taskStore.save(row(2, 'FINISHED')));
    for (let id = 3; id < 20; id += 1) saved.push(taskStore.create(row(id)));
    await Promise.all(saved);
    expect(store.batches.map((batch) => batch.length)).toEqual([1, 1, 19]);
    expect(store.mostUnderWay).toBe(1);
  });

  it('lets first rows wait for a change that is under way: they may have what it let go of', async () => {
    await taskStore.create(row(1));
    store.duration = () => 3;
    const saved = [taskStore.save(row(1, 'FINISHED'))];
    await oneTurn();
    for (let id = 2; id < 20; id += 1) saved.push(taskStore.create(row(id, 'EXECUTING')));
    await Promise.all(saved);
    expect(store.batches.map((batch) => batch.length)).toEqual([1, 1, 18]);
    expect(store.mostUnderWay).toBe(1);
  });

  it('tells once that the store is away, however many flushes it fails', async () => {
    store.duration = () => 3;
    store.failure = isDown;
    const refused = [];
    for (let id = 1; id <= 24; id += 1) {
      refused.push(outcome(taskStore.create(row(id))));
      if (id % 8 === 0) await oneTurn();
    }
    expect(new Set(await Promise.all(refused))).toEqual(
      new Set(['Tasks cannot be stored: the disk is away']),
    );
    expect(store.mostUnderWay).toBe(3);
    expect(logger.errors).toHaveLength(1);
    expect(clock.pending).toHaveLength(1);
    store.failure = null;
    await clock.advance(10_000);
    await aWhile();
    expect(failures).toEqual([expect.objectContaining({ code: Errno.EIO }), null]);
    expect(store.rows.size).toBe(0);
  });

  it('believes no flush that the store is back which began before it went away', async () => {
    const durations = [3, 6];
    store.duration = () => durations.shift() ?? 1;
    const fates = [isDown()];
    store.failure = () => fates.shift() ?? null;
    const first = outcome(taskStore.create(row(1)));
    await oneTurn();
    const others = Array.from({ length: 8 }, (_, index) => taskStore.create(row(index + 2)));
    await Promise.all(others);
    expect(await first).toContain('the disk is away');
    expect(failures).toEqual([expect.objectContaining({ code: Errno.EIO })]);
    await clock.advance(10_000);
    await aWhile();
    expect(failures.at(-1)).toBeNull();
  });

  it('keeps each row as it was saved last, whatever fails and however flushes overtake each other', async () => {
    const steps = fc.array(
      fc.record({
        created: fc.nat({ max: 12 }),
        changed: fc.array(fc.nat({ max: 40 }), { maxLength: 4 }),
        turns: fc.nat({ max: 3 }),
      }),
    );
    const turns = fc.array(fc.integer({ min: 1, max: 6 }));
    const ends = fc.array(fc.constantFrom('written', 'refused', 'answer lost'));
    await fc.assert(
      fc.asyncProperty(steps, turns, ends, async (work, durations, fates) => {
        await openTaskStore();
        const [nextDuration, nextFate] = [durations.values(), fates.values()];
        store.duration = () => nextDuration.next().value ?? 1;
        store.failure = (operations) => {
          const fate = nextFate.next().value ?? 'written';
          if (fate === 'answer lost') store.apply(operations);
          return fate === 'written' ? null : isDown();
        };
        const states = new Map<number, string>();
        const stored: Promise<number | null>[] = [];
        for (const [index, step] of work.entries()) {
          for (let count = step.created; count > 0; count -= 1) {
            const id = taskStore.nextId();
            states.set(id, 'CREATED');
            stored.push(
              taskStore.create(row(id)).then(
                () => id,
                () => null,
              ),
            );
          }
          const ids = [...states.keys()];
          for (const id of step.changed.map((at) => ids[at]).filter((id) => id !== undefined)) {
            states.set(id, `CHANGED ${index}`);
            void outcome(taskStore.save(row(id, `CHANGED ${index}`)));
          }
          for (let turn = step.turns; turn > 0; turn -= 1) await oneTurn();
        }
        do {
          await aWhile();
          await clock.advance(10_000);
        } while (store.underWay > 0 || clock.pending.length > 0);
        await taskStore.close();
        const kept = new Set(await Promise.all(stored));
        const wanted = [...states].filter(([id]) => kept.has(id));
        expect(Object.fromEntries([...store.rows].map(([id, { state }]) => [id, state]))).toEqual(
          Object.fromEntries(wanted),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('keeps what was accepted while the store is away, refuses the rest, and goes on afterwards', async () => {
    await taskStore.create(row(1));
    store.failure = isDown;
    const accepted = taskStore.save(row(1, 'FINISHED'));
    const refused = outcome(taskStore.create(row(2)));
    await aWhile();
    expect(await refused).toBe('Tasks cannot be stored: the disk is away');
    expect(await outcome(taskStore.create(row(3)))).toContain('the disk is away');
    expect(await outcome(taskStore.save(row(3, 'WAITING')))).toBe('No such task');
    expect(taskStore.failure?.code).toBe(Errno.EIO);
    expect(logger.errors).toHaveLength(1);
    await clock.advance(10_000);
    await aWhile();
    expect(store.rows.get(1)).toMatchObject({ state: 'CREATED' });
    store.failure = null;
    await clock.advance(10_000);
    await aWhile();
    await accepted;
    expect(store.rows.get(1)).toMatchObject({ state: 'FINISHED' });
    expect(failures).toEqual([expect.objectContaining({ code: Errno.EIO }), null]);
    await taskStore.create(row(4));
    expect([...store.rows.keys()]).toEqual([1, 4]);
  });

  it('takes back what the store may have written of a task that was refused', async () => {
    store.failure = (operations) => {
      if (operations.length > 0) store.apply(operations);
      return isDown(); // written, but the answer was lost
    };
    expect(await outcome(taskStore.create(row(2)))).toContain('the disk is away');
    expect(store.rows.has(2)).toBe(true);
    expect(await outcome(taskStore.save(row(2, 'FAILED')))).toBe('No such task');
    store.failure = null;
    await clock.advance(10_000);
    await aWhile();
    await taskStore.create(row(3));
    expect([...store.rows.keys()]).toEqual([3]);
  });

  it('writes nothing more of a task that was refused, however far it had come meanwhile', async () => {
    store.failure = isDown;
    const refused = outcome(taskStore.create(row(2)));
    await oneTurn();
    const later = outcome(taskStore.save(row(2, 'EXECUTING'))); // its first row is on its way
    expect(await refused).toContain('the disk is away');
    store.failure = null;
    await clock.advance(10_000);
    await aWhile();
    expect(await later).toBe('No such task');
    await taskStore.create(row(3));
    expect([...store.rows.keys()]).toEqual([3]);
  });

  it('tells whose row cannot be stored, and stores the others of its flush', async () => {
    store.failure = (operations) =>
      operations.some((operation) => 'document' in operation && operation.document['id'] === 2)
        ? new DatastoreException(Errno.EINVAL, 'nested too deeply')
        : null;
    const outcomes = [1, 2, 3].map((id) => outcome(taskStore.create(row(id))));
    expect(await Promise.all(outcomes)).toEqual([
      'stored',
      'Tasks cannot be stored: nested too deeply',
      'stored',
    ]);
    expect(taskStore.failure).toBeNull();
  });

  it('writes what is left when it is closed', async () => {
    await taskStore.create(row(1));
    void taskStore.save(row(1, 'FINISHED'));
    await taskStore.close();
    expect(store.rows.get(1)).toMatchObject({ state: 'FINISHED' });
    expect(clock.pending).toEqual([]);
  });

  it('writes all that is left, also when that is more than one flush takes', async () => {
    const saved = Array.from({ length: 2_500 }, (_, index) => taskStore.create(row(index + 1)));
    await taskStore.close();
    await Promise.all(saved);
    expect(store.rows.size).toBe(2_500);
  });
});
