/**
 * What stands behind `|`: which of it the server can do without a change of meaning, and the rest, done
 * here with the same query engine, on rows as they come.
 */
export { nativeOf } from './native.js';
export { EMPTY_QUERY, pushDown, queryArguments, type QueryDraft, rowOf } from './query-plan.js';
export { runStages } from './run-stages.js';
export {
  type RowStage,
  type Shape,
  shapeBehind,
  type TextFormat,
  type TextStage,
  UNKNOWN_SHAPE,
} from './stage.js';
