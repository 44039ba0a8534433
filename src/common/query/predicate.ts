import { assertNever } from '../assert-never.js';
import type { ComparisonCondition, Condition, GroupCondition } from './condition.js';
import { readField } from './field-path.js';
import { compilePattern } from './pattern.js';
import { PatternEffort } from './pattern-effort.js';
import { ValueSet } from './value-set.js';
import { compareWithin, equalValues, isOrdered, Rank, rankOf } from './value-order.js';

/** Decides whether a row passes. */
export type Predicate = (row: unknown) => boolean;

/**
 * The meaning of a filter. Every datastore driver must return the rows this lets through: what a
 * driver cannot say exactly in its own language it narrows, and asks this for the rest.
 */
export function compilePredicate(
  condition: Condition,
  effort: PatternEffort = new PatternEffort(),
): Predicate {
  switch (condition.kind) {
    case 'group':
      return compileGroup(condition, effort);
    case 'comparison':
      return compileComparison(condition);
    case 'membership': {
      const { path, values, operator } = condition;
      const set = new ValueSet(values);
      return operator === 'in'
        ? (row) => set.has(readField(row, path))
        : (row) => !set.has(readField(row, path));
    }
    case 'pattern': {
      const { path, operator, pattern } = condition;
      const test = compilePattern(operator, pattern);
      return (row) => {
        const value = readField(row, path);
        return typeof value === 'string' && test(value, effort);
      };
    }
    default:
      return assertNever(condition);
  }
}

function compileGroup({ operator, conditions }: GroupCondition, effort: PatternEffort): Predicate {
  const parts = conditions.map((condition) => compilePredicate(condition, effort));
  const [only] = parts;
  switch (operator) {
    case 'and':
      if (only !== undefined && parts.length === 1) return only;
      return (row) => parts.every((part) => part(row));
    case 'or':
      return (row) => parts.some((part) => part(row));
    case 'nor':
      return (row) => !parts.some((part) => part(row));
    default:
      return assertNever(operator);
  }
}

function compileComparison({ path, operator, value }: ComparisonCondition): Predicate {
  switch (operator) {
    case '=':
      return (row) => equalValues(readField(row, path), value);
    case '!=':
      return (row) => !equalValues(readField(row, path), value);
    case 'contains':
      return (row) => holds(readField(row, path), value);
    case 'ncontains':
      return (row) => !holds(readField(row, path), value);
    default: {
      const compare = ordering(operator, value);
      return (row) => compare(readField(row, path));
    }
  }
}

/** An ordering holds between values of one ordered type only; `<=` and `>=` also between two nulls. */
function ordering(operator: '<' | '>' | '<=' | '>=', value: unknown): Predicate {
  const rank = rankOf(value);
  if (rank === Rank.Null) {
    return operator === '<=' || operator === '>=' ? (field) => field === null : () => false;
  }
  if (!isOrdered(rank)) return () => false;
  const sign = operator.startsWith('>') ? 1 : -1;
  const orEqual = operator.length === 2;
  return (field) => {
    if (rankOf(field) !== rank) return false;
    const order = compareWithin(rank, field, value) * sign;
    return order > 0 || (orEqual && order === 0);
  };
}

function holds(field: unknown, value: unknown): boolean {
  if (typeof field === 'string') return typeof value === 'string' && field.includes(value);
  return Array.isArray(field) && field.some((item) => equalValues(item, value));
}
