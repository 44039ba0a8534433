import fc from 'fast-check';
import type { Filter, FilterTuple, QueryParams } from '../../src/common/query/index.js';

/**
 * Random rows and filters that meet each other often: few fields, few values, all types. The strings
 * hold what orders differently by UTF-16 unit, by locale and by code point.
 */
const text = fc.constantFrom(
  '',
  'a',
  'b',
  'B',
  'ab',
  'a.b',
  'é',
  'e\u0301',
  'z',
  '\uE000',
  '\u{1F600}',
  '1',
  '10',
  'a\0b',
  '%',
  '$a',
);

const number = fc.oneof(
  fc.constantFrom(
    0,
    1,
    2,
    10,
    -1,
    1.5,
    0.1 + 0.2,
    33.333333333333336,
    2 ** 53,
    2 ** 60,
    1e15,
    -1e-7,
  ),
  fc
    .double({ min: -1e15, max: 1e15, noNaN: true })
    .map((value) => (Math.abs(value) < 1e-15 ? 0 : value)),
);

const long = fc.constantFrom(0n, 1n, 2n, 10n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n));

const date = fc.constantFrom(
  new Date(0),
  new Date(1),
  new Date(-1),
  new Date('2024-05-01T12:00:00Z'),
  new Date(8.64e15),
  new Date(-8.64e15),
);

const bytes = fc.constantFrom('', 'a', 'ab', 'b').map((value) => Buffer.from(value));

const scalar = fc.oneof(fc.constant(null), fc.boolean(), number, long, text, date);

const value = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    scalar,
    bytes,
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('p', 'q', '0', 'x.y', '$k', '__proto__', ''), tie('node'), {
      maxKeys: 3,
    }),
  ),
})).node;

/** A row: `k` is the field that is indexed, so it holds scalars only. */
export const row = fc.record(
  {
    k: scalar,
    a: value,
    b: value,
    'x.y': value,
    $k: value,
    o: fc.record({ p: value }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const field = fc.constantFrom(
  'k',
  'a',
  'b',
  'x\\.y',
  '$k',
  'o',
  'o.p',
  'a.0',
  'a.p',
  'a.0.p',
  'a.$k',
  'b.x\\.y',
  'none',
  'id',
);

const condition: fc.Arbitrary<FilterTuple> = fc.oneof(
  fc.tuple(field, fc.constantFrom('=', '!=', '<', '>', '<=', '>=', 'contains', 'ncontains'), value),
  fc.tuple(field, fc.constantFrom('in', 'nin'), fc.array(value, { maxLength: 4 })),
  fc.tuple(field, fc.constant('~'), fc.constantFrom('a', '^a$', '.', '[^a]', '', '(?i)B')),
  fc.tuple(
    field,
    fc.constant('match'),
    fc.constantFrom('*', 'a*', '?', 'a', '[ab]*', '\u{1F600}*', ''),
  ),
);

const tuple = fc.letrec<{ node: FilterTuple }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    condition,
    fc.tuple(fc.constantFrom('and', 'or', 'nor'), fc.array(tie('node'), { maxLength: 3 })),
  ),
})).node;

export const filter: fc.Arbitrary<Filter> = fc.array(tuple, { maxLength: 3 });

const sortField = fc.tuple(fc.constantFrom('', '-'), field).map(([sign, name]) => sign + name);

export const params: fc.Arbitrary<QueryParams> = fc.record(
  {
    sort: fc.array(sortField, { maxLength: 3 }),
    offset: fc.nat(5),
    limit: fc.nat(20),
    reverse: fc.boolean(),
    single: fc.boolean(),
    count: fc.boolean(),
    select: fc.constantFrom<string | string[]>('a', ['id', 'k', 'o.p']),
    exclude: fc.constantFrom<string | string[]>('a', ['k', 'o.p']),
  },
  { requiredKeys: [] },
);
