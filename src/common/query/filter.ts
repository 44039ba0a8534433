/** The operators of a field condition; docs/datastore.md says what each one means for every type. */
export const OPERATORS = [
  '=',
  '!=',
  '>',
  '<',
  '>=',
  '<=',
  'in',
  'nin',
  '~',
  'contains',
  'ncontains',
  'match',
] as const;

export const GROUP_OPERATORS = ['and', 'or', 'nor'] as const;

export type Operator = (typeof OPERATORS)[number];
export type GroupOperator = (typeof GROUP_OPERATORS)[number];

/**
 * One condition: a field compared with a value, the same with a conversion of the value, or
 * several conditions joined. A field is a dotted path (`address.city`, `disks.0.name`); `\.` is a
 * dot inside a key.
 */
export type FilterTuple =
  | readonly [field: string, operator: Operator, value: unknown]
  | readonly [field: string, operator: Operator, value: unknown, conversion: 'timestamp']
  | readonly [operator: GroupOperator, conditions: readonly FilterTuple[]];

/**
 * Conditions that must all hold; an empty list or null lets every row through.
 *
 * @example
 * const filter: Filter = [['uid', '>=', 1000], ['or', [['shell', '=', null], ['name', '~', '^a']]]];
 */
export type Filter = readonly FilterTuple[] | null;

/** Bounds on what one query may ask for, and on what it may bring back. */
export interface QueryLimits {
  /** How deep conditions may be nested; a flat filter has depth 1. */
  readonly filterDepth: number;
  /** How many rows may be returned; a stream has no such bound. */
  readonly rows: number;
  /** Of all levels together, groups included. */
  readonly conditions: number;
  /** In all lists of `in` and `nin` and all lists and objects that are compared, whatever is inside included. */
  readonly values: number;
  /** How many `~` and `match`. */
  readonly patterns: number;
  /** Of all patterns together, long texts of `contains` and `ncontains` included. */
  readonly patternCharacters: number;
  readonly sortFields: number;
  /** Of `select`, and of `exclude`. */
  readonly selectFields: number;
  /** Bytes of JSON that `select` may make of the rows. */
  readonly answerBytes: number;
}

export const DEFAULT_QUERY_LIMITS: QueryLimits = {
  filterDepth: 32,
  rows: 100_000,
  conditions: 1_000,
  values: 10_000,
  patterns: 64,
  patternCharacters: 4_096,
  sortFields: 16,
  selectFields: 256,
  answerBytes: 32 * 1_024 * 1_024,
};
