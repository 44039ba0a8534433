import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';
import { CHECK_NAMES, type JsonSchema } from '../json-schema.js';
import { CONDITION } from '../markers.js';

/** Whether rules hold for a value of this object. */
export type Condition = (value: unknown, parent: unknown) => boolean;

/** A property that must be there when its rules hold. */
export interface ConditionalRequirement {
  readonly name: string;
  readonly holds: (parent: unknown) => boolean;
}

type Predicate = (object: object, value: unknown) => unknown;

/** What cannot judge a value does not excuse it. */
function ask(predicate: Predicate, value: unknown, parent: unknown): boolean {
  try {
    return Boolean(predicate(parent as object, value));
  } catch {
    return true;
  }
}

/** Of one rule, as the option `validateIf`; null where it always holds. */
export function ruleCondition({ validateIf }: ValidationMetadata): Condition | null {
  if (validateIf === undefined) return null;
  return (value, parent) => ask(validateIf as Predicate, value, parent);
}

/** Of all rules of a property, as `@ValidateIf`: with several of them, all have to agree. */
export function propertyCondition(decorators: readonly ValidationMetadata[]): Condition | null {
  const predicates = decorators
    .filter(({ type, name }) => type === 'conditionalValidation' && name !== 'isOptional')
    .map(({ constraints }) => (constraints as readonly Predicate[])[0])
    .filter((predicate) => predicate !== undefined);
  if (predicates.length === 0) return null;
  return (value, parent) => predicates.every((predicate) => ask(predicate, value, parent));
}

/** Clients are told what holds at times; what is to be checked, the condition says. */
export const underCondition = (schema: JsonSchema, condition: Condition): JsonSchema => ({
  anyOf: [schema, {}],
  [CHECK_NAMES]: ['validateIf'],
  [CONDITION]: condition,
});
