import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';
import { encodeExtended, messageOf, namesNoDay } from '../../common/index.js';
import { type SchemaClass, wireSchema } from '../../wire/builder/index.js';
import { invalidSchema } from '../invalid-schema.js';
import { CLOSED, type JsonSchema } from '../json-schema.js';
import { compileExecutable } from '../compile/compiler.js';
import { toExecutable } from '../compile/executable.js';
import { isMultipleOf } from '../compile/multiple-of.js';
import { MAX_FORMATTED_LENGTH } from '../formats.js';
import { CHECKS, REQUIRED_IF } from '../markers.js';
import { type ClassResolver, withKeywords } from '../publish.js';
import { compileSafe } from '../safe-regexp.js';
import {
  classDescription,
  declaredType,
  isOutputOnly,
  propertyDecorators,
  propertyDescription,
  unsupportedTransform,
} from './class-metadata.js';
import {
  type ConditionalRequirement,
  propertyCondition,
  ruleCondition,
  underCondition,
} from './conditions.js';
import { customCheck, type CustomCheck, wordedCheck } from './custom-check.js';
import { flaggedPattern, hintOf, isForShortText, RULES } from './decorator-rules.js';
import { nestedSchema, type Property } from './nested-schema.js';
import { SchemaNode } from './schema-node.js';

/**
 * The JSON Schema of a class with class-validator decorators.
 *
 * - Every property with a decorator is known; any other is refused in arguments.
 * - A property is required unless `@IsOptional` (then null is admitted too) or only `@Allow`, or the
 *   class gives it a value, which is filled in when it is absent.
 * - Under `@ValidateIf` it is required, and its rules hold, when the condition says so.
 * - Decorators of an inherited property hold beside those of the class itself.
 * - `message` is told to who breaks the rule, whether it became a keyword or not.
 * - Where no decorator names a type, the TypeScript type does, if it is a scalar, an array or a Date.
 * - What JSON Schema cannot say is checked by the decorator's own function; what cannot be checked
 *   at all (asynchronous checks, `@Transform`, a Map) is an error. Nothing is ignored.
 *
 * @throws RpcException EINVAL naming the class, the property and the reason
 */
export function convertClass(type: SchemaClass, resolveClass: ClassResolver): JsonSchema {
  const all = propertyDecorators(type);
  if (all.size === 0) {
    throw invalidSchema([], `class ${type.name} has no property with a class-validator decorator`);
  }
  const properties: [string, JsonSchema][] = [];
  const required: string[] = [];
  const requiredIf: ConditionalRequirement[] = [];
  const initial = initialValues(type);
  for (const [name, decorators] of all) {
    const property = { type, name, decorators, resolveClass };
    try {
      properties.push([name, withDefault(convertProperty(property), initial[name])]);
    } catch (error) {
      throw invalidSchema([type.name, name], messageOf(error));
    }
    const isRequired = requirement(decorators);
    if (isRequired === true) required.push(name);
    else if (isRequired !== false) requiredIf.push({ name, holds: isRequired });
  }
  const description = classDescription(type);
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
    [CLOSED]: 'arguments',
    ...(requiredIf.length > 0 && { [REQUIRED_IF]: requiredIf }),
  };
}

/** What a new object of the class begins with; nothing when one cannot be made without arguments. */
function initialValues(type: SchemaClass): Readonly<Record<string, unknown>> {
  try {
    return { ...(new (type as new () => object)() as Record<string, unknown>) };
  } catch {
    return {};
  }
}

function withDefault(schema: JsonSchema, initial: unknown): JsonSchema {
  if (initial === undefined || initial === null) return schema;
  return withKeywords(schema, { default: encodeExtended(initial) });
}

type Kind = 'allow' | 'condition' | 'defined' | 'nested' | 'not-empty' | 'optional' | 'rule';

function kindOf({ type, name, validateIf }: ValidationMetadata): Kind {
  switch (type) {
    case 'whitelistValidation':
      return 'allow';
    case 'nestedValidation':
      if (validateIf !== undefined) throw new Error('validateIf of @ValidateNested does nothing');
      return 'nested';
    case 'isDefined':
      return 'defined';
    case 'conditionalValidation':
      return name === 'isOptional' ? 'optional' : 'condition';
    case 'promiseValidation':
      throw new Error('@ValidatePromise is unsupported: a value from the wire is no promise');
    default:
      return name === 'isNotEmpty' ? 'not-empty' : 'rule';
  }
}

const has = (decorators: readonly ValidationMetadata[], kind: Kind): boolean =>
  decorators.some((decorator) => kindOf(decorator) === kind);

const isOptional = (decorators: readonly ValidationMetadata[]): boolean =>
  decorators.some((decorator) => kindOf(decorator) === 'optional' && !decorator.each);

/** `@IsOptional({ each: true })`: of the elements, not of the list. */
const isOptionalElement = (decorator: ValidationMetadata): boolean =>
  decorator.each && kindOf(decorator) === 'optional';

/** Whether the property has to be there, or for which objects. */
function requirement(
  decorators: readonly ValidationMetadata[],
): boolean | ConditionalRequirement['holds'] {
  if (isOptional(decorators)) return false;
  const rules = decorators.filter((decorator) => isRule(decorator) && decorator.name !== 'isEmpty');
  if (rules.length === 0) return false;
  const whole = propertyCondition(decorators);
  const conditions = rules.map(ruleCondition);
  if (whole === null && conditions.includes(null)) return true;
  return (parent) =>
    whole?.(undefined, parent) !== false &&
    conditions.some((condition) => condition?.(undefined, parent) !== false);
}

/** Whether it says anything of the value. */
const isRule = (decorator: ValidationMetadata): boolean =>
  !['allow', 'condition'].includes(kindOf(decorator));

function convertProperty(property: Property): JsonSchema {
  const { type, name, decorators } = property;
  const value = valueNode(property).build();
  assertSupported(property);
  const rules = isOptional(decorators) ? nullable(value) : value;
  const condition = propertyCondition(decorators);
  const schema = condition === null ? rules : underCondition(rules, condition);
  const description = propertyDescription(type, name);
  return withKeywords(schema, {
    ...(description !== undefined && { description }),
    ...(isOutputOnly(type, name) && { readOnly: true }),
  });
}

/** What class-validator or class-transformer would do with the property and nobody does here. */
function assertSupported({ type, name, decorators }: Property): void {
  const transform = unsupportedTransform(type, name);
  if (transform !== null) {
    throw new Error(
      `${transform} is unsupported: take the value as it is sent, change it in the method`,
    );
  }
  const declared = declaredType(type, name);
  const isCollection = declared === Map || declared === Set;
  if (isCollection && decorators.some((decorator) => kindOf(decorator) !== 'allow')) {
    throw new Error(
      `a value from the wire is no ${declared === Map ? 'Map' : 'Set'}: declare an array or an object`,
    );
  }
}

function valueNode(property: Property): SchemaNode {
  const { decorators } = property;
  const always = decorators.filter((decorator) => ruleCondition(decorator) === null);
  const whole = rulesNode(property, always);
  if (!whole.hasType && always.length === decorators.length && decorators.some(isRule)) {
    whole.add(scalarSchema(declaredType(property.type, property.name)));
  }
  if (has(always, 'defined') && !whole.hasType) whole.add({ not: { type: 'null' } });
  for (const decorator of decorators) {
    const condition = ruleCondition(decorator);
    if (condition === null) continue;
    const rule = rulesNode(property, [decorator]);
    if (kindOf(decorator) === 'defined') rule.add({ not: { type: 'null' } });
    whole.also(underCondition(rule.build(), condition));
  }
  return whole;
}

/** What these decorators of the property say, of the value and of its elements. */
function rulesNode(property: Property, decorators: readonly ValidationMetadata[]): SchemaNode {
  const whole = new SchemaNode();
  const items = new SchemaNode();
  const mayBeNull = property.decorators.some(isOptionalElement);
  for (const decorator of decorators) {
    if (kindOf(decorator) === 'rule') applyRule(decorator, { whole, items, mayBeNull });
  }
  if (has(decorators, 'nested')) {
    const isArray =
      decorators.some(({ each }) => each) ||
      whole.type === 'array' ||
      declaredType(property.type, property.name) === Array;
    (isArray ? items : whole).add(nestedSchema(property));
  }
  for (const decorator of decorators) {
    if (kindOf(decorator) === 'not-empty') forbidEmpty(decorator.each ? items : whole, decorator);
  }
  if (!items.isEmpty) {
    const element = items.build();
    whole.add({ type: 'array', items: mayBeNull ? nullable(element) : element });
  }
  return whole;
}

interface Nodes {
  readonly whole: SchemaNode;
  readonly items: SchemaNode;
  readonly mayBeNull: boolean;
}

function applyRule(decorator: ValidationMetadata, { whole, items, mayBeNull }: Nodes): void {
  const constraints: readonly unknown[] = (decorator.constraints as unknown[] | undefined) ?? [];
  const node = decorator.each ? items : whole;
  const keywords = identifies(decorator) ? null : RULES.get(decorator.name ?? '')?.(constraints);
  if (keywords) {
    addRule(node, decorator, keywords);
    return;
  }
  node.add(hintOf(decorator.name, constraints));
  const check = checkOf(decorator, constraints);
  if (!decorator.each) {
    whole.check(check);
    return;
  }
  // beside the list, where the object that owns it is at hand
  whole.check({ ...check, isForEach: true, mayBeNull });
  items.checkedAbove(check.name);
}

/** `@ArrayUnique` does not say that it was given a function; told by what it makes of two objects. */
function identifies(decorator: ValidationMetadata): boolean {
  if (decorator.name !== 'arrayUnique') return false;
  try {
    return !customCheck(decorator).test([{}, {}], {});
  } catch {
    return true;
  }
}

function addRule(node: SchemaNode, decorator: ValidationMetadata, keywords: JsonSchema): void {
  const custom = decorator.message as ValidationMetadata['message'] | undefined;
  if (custom === undefined || custom === '') node.add(keywords);
  else node.addWorded(keywords, wordedCheck(decorator, fitting(keywords)));
}

const NO_DEFINITIONS = {
  schemaOf: (): JsonSchema => ({}),
  check: (): null => null,
};

/** Compiled when first used, as everything is. */
function fitting(keywords: JsonSchema): (value: unknown) => boolean {
  let check: ReturnType<typeof compileExecutable> | null = null;
  return (value) => {
    check ??= compileExecutable(toExecutable(keywords, 'input'), NO_DEFINITIONS);
    return check(value) === null;
  };
}

const DATES = new Set(['isDateString', 'isIso8601', 'isRFC3339']);

/** class-validator takes 30 February for a day. */
const hasRealDay = (value: unknown): boolean => typeof value === 'string' && !namesNoDay(value);

function checkOf(decorator: ValidationMetadata, constraints: readonly unknown[]): CustomCheck {
  const check = customCheck(decorator);
  if (DATES.has(decorator.name ?? '')) {
    return { ...check, test: (value, parent) => check.test(value, parent) && hasRealDay(value) };
  }
  if (decorator.name === 'isNumber') return decimalCheck(check, constraints[0]);
  if (decorator.name !== 'matches') return boundedCheck(decorator.name, check);
  // the same expression, but in linear time
  const { source, flags } = flaggedPattern(constraints[0], constraints[1]);
  const expression = compileSafe(source, flags.replace('u', ''));
  return { ...check, test: (value) => typeof value === 'string' && expression.test(value) };
}

/** class-validator counts the decimal places of `1e-7` wrongly. */
function decimalCheck(check: CustomCheck, options: unknown): CustomCheck {
  const places = (options as { readonly maxDecimalPlaces?: unknown } | undefined)?.maxDecimalPlaces;
  if (typeof places !== 'number' || !Number.isInteger(places) || places < 0) return check;
  const step = Number(`1e-${Math.min(places, 300)}`);
  return {
    ...check,
    test: (value, parent) =>
      typeof value === 'number' && Number.isFinite(value)
        ? isMultipleOf(value, step)
        : check.test(value, parent),
  };
}

/** Some checks take quadratic time on hostile text, as some formats do. */
function boundedCheck(name: string | undefined, check: CustomCheck): CustomCheck {
  if (!isForShortText(name)) return check;
  return {
    ...check,
    test: (value, parent) =>
      (typeof value !== 'string' || value.length <= MAX_FORMATTED_LENGTH) &&
      check.test(value, parent),
  };
}

function forbidEmpty(node: SchemaNode, decorator: ValidationMetadata): void {
  const isText = node.type === 'string';
  addRule(node, decorator, isText ? { minLength: 1 } : { not: { enum: ['', null] } });
}

function scalarSchema(declared: unknown): JsonSchema {
  if (declared === String) return { type: 'string' };
  if (declared === Number) return { type: 'number' };
  if (declared === Boolean) return { type: 'boolean' };
  if (declared === Array) return { type: 'array' };
  return declared === Date ? wireSchema('datetime') : {};
}

/** What class-validator's `@IsOptional` admits besides absence. */
function nullable(schema: JsonSchema): JsonSchema {
  if (Object.keys(schema).length === 0) return schema;
  const { type, enum: members } = schema;
  const isPlain = !(CHECKS in schema) && !('allOf' in schema) && !('const' in schema);
  if (isPlain && Array.isArray(members) && type === undefined) {
    return { ...schema, enum: [...(members as unknown[]), null] };
  }
  if (isPlain && members === undefined && typeof type === 'string' && !('not' in schema)) {
    if (type !== 'object') return { ...schema, type: [type, 'null'] };
  }
  return { anyOf: [schema, { type: 'null' }] };
}
