import type { QueryLimits } from '../common/query/index.js';
import type { DispatcherConfiguration } from './configuration.js';

/** What one query may ask for, as the configuration says: the same for callers, plugins and stores. */
export function queryLimitsOf({ dispatcher: { limits } }: DispatcherConfiguration): QueryLimits {
  return {
    filterDepth: limits.filterDepth,
    rows: limits.queryRows,
    conditions: limits.queryConditions,
    values: limits.queryValues,
    patterns: limits.queryPatterns,
    patternCharacters: limits.queryPatternCharacters,
    sortFields: limits.querySortFields,
    selectFields: limits.querySelectFields,
    answerBytes: limits.answerBytes,
  };
}
