/**
 * The query language of the wire contract: what a filter and its params may look like and what
 * they mean. Pure: parses, compiles to predicates, evaluates over arrays. Providers call
 * `queryArray`; datastore drivers compile the parsed form and let the predicate decide the rest.
 */
export {
  type ComparisonCondition,
  type Condition,
  type FieldCondition,
  fieldConditions,
  type GroupCondition,
  type PatternCondition,
} from './condition.js';
export { type FieldPath, isIndex, parseFieldPath, readField } from './field-path.js';
export { DEFAULT_QUERY_LIMITS, type Filter, type FilterTuple, type QueryLimits } from './filter.js';
export { parseParams, type QueryParams, type QueryPlan, type SortKey } from './params.js';
export { parseFilter } from './parse-filter.js';
export { OWN_THREAD, PatternEffort } from './pattern-effort.js';
export { compilePredicate, type Predicate } from './predicate.js';
export { projector } from './projection.js';
export {
  assertRowCount,
  compareSortValues,
  finish,
  queryArray,
  sortRows,
  sortValues,
} from './query-array.js';
export { assertAffordable } from './query-cost.js';
export { FILTER_SCHEMA, QUERY_PARAMS_SCHEMA } from './query-schema.js';
export {
  compareStrings,
  compareValues,
  equalValues,
  isOrdered,
  Rank,
  rankOf,
} from './value-order.js';
