import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareValues,
  compilePredicate,
  type FilterTuple,
  parseFilter,
  queryArray,
} from '../../../common/query/index.js';
import { nativeOf } from './native.js';
import { pushDown, queryArguments, rowOf } from './query-plan.js';
import { type Rows, runStages } from './run-stages.js';
import type { RowStage } from './stage.js';

type Row = Readonly<Record<string, unknown>>;

const FIELDS = ['id', 'name', 'size', 'at', 'tags', 'deep.a'] as const;
const field = fc.constantFrom(...FIELDS);
const scalar = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom('', 'a', 'b', 'ab'),
  fc.boolean(),
  fc.constant(null),
  fc
    .integer({ min: 0, max: 3 })
    .map((day) => ({ $date: new Date(day * 86_400_000).toISOString() })),
  fc.integer({ min: -2, max: 2 }).map((long) => ({ $long: String(long) })),
);
const row: fc.Arbitrary<Row> = fc.record(
  {
    id: fc.integer({ min: 0, max: 9 }),
    name: scalar,
    size: scalar,
    at: scalar,
    tags: fc.array(scalar, { maxLength: 3 }),
    deep: fc.record({ a: scalar }),
  },
  { requiredKeys: ['id'] },
);
const condition: fc.Arbitrary<FilterTuple> = fc.oneof(
  fc.tuple(
    field,
    fc.constantFrom('=', '!=', '>', '<', '>=', '<=', 'contains'),
    scalar,
  ) as fc.Arbitrary<FilterTuple>,
  fc.tuple(
    field,
    fc.constantFrom('in', 'nin'),
    fc.array(scalar, { maxLength: 3 }),
  ) as fc.Arbitrary<FilterTuple>,
  fc.tuple(field, fc.constant('~'), fc.constantFrom('^a', 'b$', '.')) as fc.Arbitrary<FilterTuple>,
);
const filter = fc.array(condition, { minLength: 1, maxLength: 3 });
const count = fc.integer({ min: 0, max: 12 });
const sortKey = fc.tuple(fc.constantFrom('', '-'), field).map(([sign, name]) => sign + name);
const onRows: fc.Arbitrary<RowStage> = fc.oneof(
  filter.map((some) => ({ kind: 'search' as const, filter: some })),
  filter.map((some) => ({ kind: 'exclude' as const, filter: some })),
  fc
    .array(sortKey, { minLength: 1, maxLength: 3 })
    .map((keys) => ({ kind: 'sort' as const, keys })),
  count.map((n) => ({ kind: 'limit' as const, count: n })),
  count.map((n) => ({ kind: 'offset' as const, count: n })),
  count.map((n) => ({ kind: 'tail' as const, count: n })),
  fc.uniqueArray(field, { maxLength: 2 }).map((fields) => ({ kind: 'uniq' as const, fields })),
);
const atTheEnd: fc.Arbitrary<readonly RowStage[]> = fc.oneof(
  fc.constant([]),
  fc.constant([{ kind: 'count' as const }]),
  filter.map((some) => [{ kind: 'find' as const, filter: some }]),
  fc
    .tuple(fc.uniqueArray(field, { minLength: 1, maxLength: 3 }), count, count)
    .map(([fields, limit, offset]): RowStage[] => [
      { kind: 'select', fields },
      { kind: 'limit', count: limit },
      { kind: 'offset', count: offset },
    ]),
  fc
    .tuple(fc.uniqueArray(field, { minLength: 1, maxLength: 2 }))
    .map(([fields]): RowStage[] => [{ kind: 'select', fields }, { kind: 'count' }]),
  field.map((name): RowStage[] => [{ kind: 'get', field: name }]),
  field.map((name): RowStage[] => [{ kind: 'group', field: name }]),
);
const pipeline = fc
  .tuple(fc.array(onRows, { maxLength: 5 }), atTheEnd)
  .map(([a, b]) => [...a, ...b]);

/** What each stage means, one after the other, on all rows at once. */
function meaning(rows: readonly Row[], stages: readonly RowStage[]): unknown {
  return stages.reduce<unknown>(
    (value, stage) => meaningOf(value as readonly unknown[], stage),
    rows,
  );
}

function meaningOf(rows: readonly unknown[], stage: RowStage): unknown {
  switch (stage.kind) {
    case 'search':
      return rows.filter(fits(stage.filter));
    case 'exclude':
      return rows.filter((one) => !stage.filter.some((each) => fits([each])(one)));
    case 'find':
      return rows.find(fits(stage.filter)) ?? null;
    case 'sort':
      return rows
        .map((one, at) => ({ one, at }))
        .sort((a, b) => byKeys(a.one, b.one, stage.keys) || a.at - b.at)
        .map(({ one }) => one);
    case 'limit':
      return rows.slice(0, stage.count);
    case 'offset':
      return rows.slice(stage.count);
    case 'tail':
      return rows.slice(Math.max(0, rows.length - stage.count));
    case 'select':
      return rows.map((one) =>
        stage.fields.length === 1
          ? at(one, stage.fields[0]!)
          : Object.fromEntries(stage.fields.map((name) => [name, at(one, name)])),
      );
    case 'get':
      return rows.map((one) => at(one, stage.field));
    case 'count':
      return rows.length;
    case 'uniq': {
      const keyOf = (one: unknown): string =>
        JSON.stringify(stage.fields.length === 0 ? one : stage.fields.map((name) => at(one, name)));
      return rows.filter(
        (one, place) => rows.findIndex((two) => keyOf(two) === keyOf(one)) === place,
      );
    }
    case 'group': {
      const values = rows.map((one) => at(one, stage.field));
      const texts = values.map((value) => JSON.stringify(value));
      return values
        .map((value, place) => ({
          [stage.field]: value,
          count: texts.filter((text) => text === texts[place]).length,
        }))
        .filter((_, place) => texts.indexOf(texts[place]!) === place);
    }
  }
}

const fits = (some: readonly FilterTuple[]) => {
  const passes = compilePredicate(parseFilter(nativeOf(some)));
  return (one: unknown) => passes(nativeOf(one));
};
const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (some, name) => (some as Record<string, unknown> | null)?.[name] ?? null,
      value,
    );
const byKeys = (a: unknown, b: unknown, keys: readonly string[]): number => {
  for (const key of keys) {
    const name = key.replace(/^-/, '');
    const order = compareValues(nativeOf(at(a, name)), nativeOf(at(b, name)));
    if (order !== 0) return key.startsWith('-') ? -order : order;
  }
  return 0;
};

async function collected(flow: Rows): Promise<unknown> {
  if (flow.kind === 'value') return flow.value;
  const all: unknown[] = [];
  for await (const one of flow.rows) all.push(one);
  return all;
}

async function* streamed(rows: readonly unknown[]) {
  await Promise.resolve();
  yield* rows;
}

/** As a server would answer it: on native values, and back on the wire. */
function served(rows: readonly Row[], [some, params]: ReturnType<typeof queryArguments>): unknown {
  const natives = rows.map((one) => nativeOf(one));
  const answer = queryArray(natives, nativeOf(some) as never, params);
  return JSON.parse(
    JSON.stringify(answer, function (this: Record<string, unknown>, key, value: unknown) {
      const raw = this[key];
      if (raw instanceof Date) return { $date: raw.toISOString() };
      return typeof raw === 'bigint' ? { $long: String(raw) } : value;
    }),
  );
}

describe('pipelines', () => {
  it('mean the same here, on the server, and half here and half there', async () => {
    let pushedAny = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 30 }), pipeline, async (rows, stages) => {
        const wanted = meaning(rows, stages);
        expect(
          await collected(await runStages({ kind: 'rows', rows: streamed(rows) }, stages)),
        ).toEqual(wanted);
        const { draft, pushed } = pushDown(stages);
        pushedAny += pushed;
        const answer = served(rows, queryArguments(draft));
        const start: Rows = Array.isArray(answer)
          ? { kind: 'rows', rows: streamed(answer.map((one) => rowOf(draft, one))) }
          : { kind: 'value', value: answer };
        expect(await collected(await runStages(start, stages.slice(pushed)))).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
    expect(pushedAny).toBeGreaterThan(500);
  });

  it('leave to the client what would mean something else on the server', () => {
    const search: RowStage = { kind: 'search', filter: [['id', '>', 1]] };
    const limit: RowStage = { kind: 'limit', count: 5 };
    expect(pushDown([search, limit]).pushed).toBe(2);
    expect(pushDown([limit, search])).toMatchObject({ pushed: 1, draft: { filter: [], limit: 5 } });
    expect(pushDown([limit, { kind: 'count' }]).pushed).toBe(1);
    expect(
      pushDown([
        { kind: 'sort', keys: ['a'] },
        { kind: 'sort', keys: ['b'] },
      ]).draft.sort,
    ).toEqual(['b', 'a']);
  });

  it('take no more rows than they need', async () => {
    let taken = 0;
    async function* endless() {
      for (;;) {
        await Promise.resolve();
        taken += 1;
        yield { n: taken };
      }
    }
    const flow = await runStages({ kind: 'rows', rows: endless() }, [
      { kind: 'search', filter: [['n', '>', 3]] },
      { kind: 'limit', count: 2 },
    ]);
    expect(await collected(flow)).toEqual([{ n: 4 }, { n: 5 }]);
    expect(taken).toBe(5);
  });

  it.each<[RowStage, unknown[]]>([
    [{ kind: 'search', filter: [['n', '=', 1]] }, [1, 2]],
    [{ kind: 'exclude', filter: [['n', '=', 1]] }, ['a']],
  ])('are an error on what has no properties: %o', async (stage, rows) => {
    const flow = runStages({ kind: 'rows', rows: streamed(rows) }, [stage]);
    await expect(flow.then(collected)).rejects.toThrow(/have none/);
    await expect(runStages({ kind: 'value', value: 5 }, [stage])).rejects.toThrow(/works on rows/);
  });
});
