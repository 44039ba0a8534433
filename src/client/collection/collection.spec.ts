import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DispatcherClient } from '../dispatcher-client.js';
import { Collection, type CollectionState } from './collection.js';

interface Row {
  readonly id: number;
  readonly n: number;
}
type Condition = readonly [string, string, unknown];

/** What changes the rows of the service, or happens to its client. */
type Step =
  | { readonly kind: 'put'; readonly id: number; readonly n: number }
  | { readonly kind: 'drop'; readonly id: number }
  /** An event that comes, in its order. */
  | { readonly kind: 'deliver' }
  /** All that is on its way is lost; a gap is told in its place. */
  | { readonly kind: 'lose' }
  /** The oldest query is carried out, or its answer arrives. */
  | { readonly kind: 'answer' };

/** A service of rows, with events and answers that come when the test says so. */
class RowService {
  readonly rows = new Map<number, Row>();
  readonly events: { readonly ids: readonly number[] | null }[] = [];
  readonly queries: (() => void)[] = [];
  #handler: (event: { args: unknown }) => void = () => undefined;
  #onGap: () => void = () => undefined;

  readonly client = {
    call: (_method: string, [filter, params]: [Condition[], { limit?: number }]) =>
      new Promise((resolve) => {
        // what was asked is looked up later, and told later still
        this.queries.push(() => {
          const answer = this.select(filter, params.limit);
          this.queries.push(() => resolve(answer));
        });
      }),
    onState: () => () => undefined,
    events: {
      on: (_masks: unknown, handler: never, { onGap }: { onGap: () => void }) => {
        this.#handler = handler;
        this.#onGap = onGap;
        return { ready: Promise.resolve(), close: () => (this.#handler = () => undefined) };
      },
    },
  } as unknown as DispatcherClient;

  select(filter: readonly Condition[], limit = Infinity): Row[] {
    const fits = (row: Row): boolean =>
      filter.every(([field, operator, value]) => {
        const own = row[field as keyof Row];
        if (operator === 'in') return (value as number[]).includes(own);
        return operator === '>' ? own > (value as number) : own < (value as number);
      });
    return [...this.rows.values()]
      .filter(fits)
      .sort((a, b) => a.id - b.id)
      .slice(0, limit);
  }

  put(row: Row): void {
    this.rows.set(row.id, row);
    this.events.push({ ids: row.n === 20 ? null : [row.id] });
  }

  drop(id: number): void {
    if (this.rows.delete(id)) this.events.push({ ids: [id] });
  }

  deliver(): void {
    const args = this.events.shift();
    if (args !== undefined) this.#handler({ args });
  }

  lose(): void {
    if (this.events.splice(0).length > 0) this.#onGap();
  }

  perform(step: Step): void {
    if (step.kind === 'put') this.put({ id: step.id, n: step.n });
    else if (step.kind === 'drop') this.drop(step.id);
    else if (step.kind === 'deliver') this.deliver();
    else if (step.kind === 'lose') this.lose();
    else this.queries.shift()?.();
  }

  get isQuiet(): boolean {
    return this.events.length === 0 && this.queries.length === 0;
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const id = fc.integer({ min: 1, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      id,
      n: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop' as const), id }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('answer' as const) }) },
);
const FILTERS: readonly (readonly Condition[])[] = [[], [['n', '<', 10]]];

describe('a collection', () => {
  it('is what a query would answer whenever nothing is on its way, whatever came and went', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 20, maxLength: 80 }),
        fc.constantFrom(...FILTERS),
        fc.integer({ min: 1, max: 5 }),
        async (steps, filter, pageSize) => {
          const service = new RowService();
          const collection = new Collection<Row>(service.client, 'x', { filter, pageSize });
          let told: CollectionState<Row> = collection.state;
          const stop = collection.on((state) => (told = state));
          const judge = (): void => {
            if (!service.isQuiet || !told.isCurrent) return;
            expect([...told.rows.values()]).toEqual(service.select(filter));
          };
          await settle();
          for (const one of steps) {
            service.perform(one);
            await settle();
            judge();
          }
          while (!service.isQuiet) {
            service.perform({ kind: service.queries.length > 0 ? 'answer' : 'deliver' });
            await settle();
          }
          expect(told.isCurrent).toBe(true);
          judge();
          stop();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('reads nothing while nobody listens, and begins anew for the next one', async () => {
    const service = new RowService();
    const collection = new Collection<Row>(service.client, 'x');
    service.put({ id: 1, n: 1 });
    expect(service.queries).toHaveLength(0);
    const first = collection.rows();
    await settle();
    for (let i = 0; i < 2; i += 1) {
      service.perform({ kind: 'answer' });
      await settle();
    }
    expect([...(await first).keys()]).toEqual([1]);
    await settle();
    expect(collection.state).toMatchObject({ isCurrent: false });
    service.deliver();
    await settle();
    expect(service.queries).toHaveLength(0);
  });

  it('is of one kind of keys in the order of the server', async () => {
    const service = new RowService();
    const names = ['a', 'aa', 'b', '\u{1F600}', '\uFFFD'];
    const rows = names.map((name) => ({ id: name }));
    Object.assign(service.client, { call: () => Promise.resolve(rows) });
    const collection = new Collection<{ id: string }>(service.client, 'x');
    let told = collection.state;
    collection.on((state) => (told = state));
    await settle();
    service.events.push({ ids: null }, { ids: names as never });
    service.deliver();
    service.deliver();
    await settle();
    expect(told.rows.size).toBe(5);
  });
});
