import { assertNever } from '../assert-never.js';
import type { ComparisonCondition, Condition, GroupCondition } from './condition.js';
import { readField } from './field-path.js';
import { compareWithin, equalValues, isOrdered, Rank, rankOf } from './value-order.js';

/** Decides whether a row passes. */
export type Predicate = (row: unknown) => boolean;

/**
 * The meaning of a filter. Every datastore driver must return the rows this lets through: what a
 * driver cannot say exactly in its own language it narrows, and asks this for the rest.
 */
export function compilePredicate(condition: Condition): Predicate {
  switch (condition.kind) {
    case 'group':
      return compileGroup(condition);
    case 'comparison':
      return compileComparison(condition);
    case 'membership': {
      const { path, values, operator } = condition;
      const has = membership(values);
      return operator === 'in'
        ? (row) => has(readField(row, path))
        : (row) => !has(readField(row, path));
    }
    case 'pattern': {
      const { path, test } = condition;
      return (row) => {
        const value = readField(row, path);
        return typeof value === 'string' && test(value);
      };
    }
    default:
      return assertNever(condition);
  }
}

function compileGroup({ operator, conditions }: GroupCondition): Predicate {
  const parts = conditions.map(compilePredicate);
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

// Strings are what long lists are made of (ids): a set keeps `in` from costing rows × values.
function membership(values: readonly unknown[]): (value: unknown) => boolean {
  const strings = new Set(values.filter((value) => typeof value === 'string'));
  const others = values.filter((value) => typeof value !== 'string');
  return (value) =>
    typeof value === 'string' ? strings.has(value) : others.some((o) => equalValues(value, o));
}

function holds(field: unknown, value: unknown): boolean {
  if (typeof field === 'string') return typeof value === 'string' && field.includes(value);
  return Array.isArray(field) && field.some((item) => equalValues(item, value));
}
