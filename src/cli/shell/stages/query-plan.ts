import type { FilterTuple } from '../../../common/query/index.js';
import type { RowStage } from './stage.js';

/** A query as far as it has come together from what stands behind it. */
export interface QueryDraft {
  readonly filter: readonly FilterTuple[];
  readonly sort: readonly string[];
  readonly offset: number;
  /** Null: all of them. */
  readonly limit: number | null;
  readonly outcome:
    | { readonly kind: 'rows' }
    /** One field alone gives its bare values, several give objects. */
    | { readonly kind: 'select'; readonly fields: readonly string[]; readonly isObjects?: true }
    | { readonly kind: 'single' }
    | { readonly kind: 'count' };
}

export const EMPTY_QUERY: QueryDraft = {
  filter: [],
  sort: [],
  offset: 0,
  limit: null,
  outcome: { kind: 'rows' },
};

/** What a server takes without asking why: its own bound is 16. */
const MAX_SORT_FIELDS = 16;

/** The draft with the stage in it; null where that would mean something else. */
function withStage(draft: QueryDraft, stage: RowStage): QueryDraft | null {
  const { filter, sort, offset, limit, outcome } = draft;
  const isCut = offset > 0 || limit !== null;
  const isRows = outcome.kind === 'rows';
  const isList = isRows || outcome.kind === 'select';
  switch (stage.kind) {
    case 'search':
      return isRows && !isCut ? { ...draft, filter: [...filter, ...stage.filter] } : null;
    case 'exclude':
      return isRows && !isCut
        ? { ...draft, filter: [...filter, ['nor', stage.filter] as FilterTuple] }
        : null;
    case 'find':
      return isRows && !isCut
        ? { ...draft, filter: [...filter, ...stage.filter], outcome: { kind: 'single' } }
        : null;
    case 'sort': {
      // the later order counts first, and rows that tie in it keep the earlier one
      const keys = [...stage.keys, ...sort];
      return isRows && !isCut && keys.length <= MAX_SORT_FIELDS ? { ...draft, sort: keys } : null;
    }
    case 'limit':
      return isList ? { ...draft, limit: Math.min(limit ?? Infinity, stage.count) } : null;
    case 'offset':
      if (!isList) return null;
      return {
        ...draft,
        offset: offset + (limit === null ? stage.count : Math.min(limit, stage.count)),
        limit: limit === null ? null : Math.max(0, limit - stage.count),
      };
    case 'select':
      return isRows ? { ...draft, outcome: { kind: 'select', fields: stage.fields } } : null;
    case 'get':
      return isRows ? { ...draft, outcome: { kind: 'select', fields: [stage.field] } } : null;
    case 'count':
      return isList && !isCut ? { ...draft, outcome: { kind: 'count' } } : null;
    case 'tail':
    case 'uniq':
    case 'group':
      return null;
  }
}

/** As many of the first stages as the server can do without a change of meaning; the others stay. */
export function pushDown(
  stages: readonly RowStage[],
  start: QueryDraft = EMPTY_QUERY,
): { readonly draft: QueryDraft; readonly pushed: number } {
  let draft = start;
  for (const [at, stage] of stages.entries()) {
    const next = withStage(draft, stage);
    if (next === null) return { draft, pushed: at };
    draft = next;
  }
  return { draft, pushed: stages.length };
}

/** The two arguments of the query; null params where there are none. */
export function queryArguments({
  filter,
  sort,
  offset,
  limit,
  outcome,
}: QueryDraft): readonly [
  filter: readonly FilterTuple[],
  params: Readonly<Record<string, unknown>> | null,
] {
  const params = {
    ...(sort.length > 0 && { sort }),
    ...(offset > 0 && { offset }),
    ...(limit !== null && { limit }),
    ...(outcome.kind === 'select' && {
      select: isBare(outcome) ? outcome.fields[0] : outcome.fields,
    }),
    ...(outcome.kind === 'single' && { single: true }),
    ...(outcome.kind === 'count' && { count: true }),
  };
  return [filter, Object.keys(params).length === 0 ? null : params];
}

type Selection = Extract<QueryDraft['outcome'], { kind: 'select' }>;

const isBare = ({ fields, isObjects }: Selection): boolean =>
  fields.length === 1 && isObjects !== true;

/** What the server made of a selection of several fields are lists of values: objects again. */
export function rowOf({ outcome }: QueryDraft, row: unknown): unknown {
  if (outcome.kind !== 'select' || isBare(outcome) || !Array.isArray(row)) return row;
  const values = row as readonly unknown[];
  return Object.fromEntries(outcome.fields.map((field, at) => [field, values[at] ?? null]));
}
