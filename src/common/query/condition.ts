import type { FieldPath } from './field-path.js';
import type { GroupOperator, Operator } from './filter.js';

/**
 * A filter that was checked: what the evaluator and the drivers' compilers work on. Plain data, which may
 * go to another thread; what runs of it is made where it runs.
 */
export type Condition = FieldCondition | GroupCondition;

export interface GroupCondition {
  readonly kind: 'group';
  readonly operator: GroupOperator;
  readonly conditions: readonly Condition[];
}

export type FieldCondition =
  | ComparisonCondition
  | {
      readonly kind: 'membership';
      readonly path: FieldPath;
      readonly operator: 'in' | 'nin';
      readonly values: readonly unknown[];
    }
  | PatternCondition;

export interface ComparisonCondition {
  readonly kind: 'comparison';
  readonly path: FieldPath;
  readonly operator: Exclude<Operator, 'in' | 'nin' | '~' | 'match'>;
  readonly value: unknown;
}

export interface PatternCondition {
  readonly kind: 'pattern';
  readonly path: FieldPath;
  readonly operator: '~' | 'match';
  /** Known to compile. */
  readonly pattern: string;
}

export const EVERYTHING: GroupCondition = { kind: 'group', operator: 'and', conditions: [] };

/** Everything that is asked of a field, whatever groups it stands in. */
export function fieldConditions(condition: Condition): FieldCondition[] {
  return condition.kind === 'group' ? condition.conditions.flatMap(fieldConditions) : [condition];
}
