import type { ValidationMetadata } from 'class-validator/types/metadata/ValidationMetadata.js';
import { messageOf } from '../../common/index.js';
import type { SchemaClass } from '../infer.js';
import { invalidSchema } from '../invalid-schema.js';
import { CLOSED, type JsonSchema } from '../json-schema.js';
import { wireSchema } from '../extended-types.js';
import { CHECKS } from '../markers.js';
import { type ClassResolver, withKeywords } from '../publish.js';
import { compileSafe } from '../safe-regexp.js';
import {
  classDescription,
  declaredType,
  isOutputOnly,
  propertyDecorators,
  propertyDescription,
} from './class-metadata.js';
import { customCheck, type CustomCheck } from './custom-check.js';
import { flaggedPattern, hintOf, RULES } from './decorator-rules.js';
import { nestedSchema, type Property } from './nested-schema.js';
import { SchemaNode } from './schema-node.js';

/**
 * The JSON Schema of a class with class-validator decorators.
 *
 * - Every property with a decorator is known; any other is refused in arguments.
 * - A property is required unless `@IsOptional` (then null is admitted too) or only `@Allow`.
 * - Where no decorator names a type, the TypeScript type does, if it is a scalar, an array or a Date.
 * - What JSON Schema cannot say is checked by the decorator's own function; what cannot be checked
 *   at all (`@ValidateIf`, asynchronous checks) is an error. Nothing is ignored.
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
  for (const [name, decorators] of all) {
    const property = { type, name, decorators, resolveClass };
    try {
      properties.push([name, convertProperty(property)]);
    } catch (error) {
      throw invalidSchema([type.name, name], messageOf(error));
    }
    if (isRequired(decorators)) required.push(name);
  }
  const description = classDescription(type);
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
    [CLOSED]: 'arguments',
  };
}

type Kind = 'allow' | 'defined' | 'nested' | 'not-empty' | 'optional' | 'rule';

function kindOf({ type, name, validateIf }: ValidationMetadata): Kind {
  if (validateIf !== undefined) throw new Error('the option validateIf is unsupported');
  switch (type) {
    case 'whitelistValidation':
      return 'allow';
    case 'nestedValidation':
      return 'nested';
    case 'isDefined':
      return 'defined';
    case 'conditionalValidation':
      if (name === 'isOptional') return 'optional';
      throw new Error('@ValidateIf is unsupported: use h.oneOf of one class for each case');
    case 'promiseValidation':
      throw new Error('@ValidatePromise is unsupported: a value from the wire is no promise');
    default:
      return name === 'isNotEmpty' ? 'not-empty' : 'rule';
  }
}

const has = (decorators: readonly ValidationMetadata[], kind: Kind): boolean =>
  decorators.some((decorator) => kindOf(decorator) === kind);

function isOptional(decorators: readonly ValidationMetadata[]): boolean {
  return has(decorators, 'optional') && !has(decorators, 'defined');
}

function isRequired(decorators: readonly ValidationMetadata[]): boolean {
  if (isOptional(decorators)) return false;
  return decorators.some(
    (decorator) => kindOf(decorator) !== 'allow' && decorator.name !== 'isEmpty',
  );
}

function convertProperty(property: Property): JsonSchema {
  const { type, name, decorators } = property;
  const value = valueNode(property).build();
  const schema = isOptional(decorators) ? nullable(value) : value;
  const description = propertyDescription(type, name);
  return withKeywords(schema, {
    ...(description !== undefined && { description }),
    ...(isOutputOnly(type, name) && { readOnly: true }),
  });
}

function valueNode(property: Property): SchemaNode {
  const { decorators } = property;
  const whole = new SchemaNode();
  const items = new SchemaNode();
  for (const decorator of decorators) {
    if (kindOf(decorator) === 'rule') applyRule(decorator.each ? items : whole, decorator);
  }
  if (has(decorators, 'nested')) {
    const isArray =
      decorators.some(({ each }) => each) ||
      whole.type === 'array' ||
      declaredType(property.type, property.name) === Array;
    (isArray ? items : whole).add(nestedSchema(property));
  }
  for (const decorator of decorators) {
    if (kindOf(decorator) === 'not-empty') forbidEmpty(decorator.each ? items : whole);
  }
  if (!items.isEmpty) whole.add({ type: 'array', items: items.build() });
  if (!whole.hasType && decorators.some((decorator) => kindOf(decorator) !== 'allow')) {
    whole.add(scalarSchema(declaredType(property.type, property.name)));
  }
  if (has(decorators, 'defined') && !whole.hasType) whole.add({ not: { type: 'null' } });
  return whole;
}

function applyRule(node: SchemaNode, decorator: ValidationMetadata): void {
  const constraints: readonly unknown[] = (decorator.constraints as unknown[] | undefined) ?? [];
  const keywords = RULES.get(decorator.name ?? '')?.(constraints);
  if (keywords) node.add(keywords);
  else node.add(hintOf(decorator.name, constraints)).check(checkOf(decorator, constraints));
}

function checkOf(decorator: ValidationMetadata, constraints: readonly unknown[]): CustomCheck {
  const check = customCheck(decorator);
  if (decorator.name !== 'matches') return check;
  // the same expression, but in linear time
  const { source, flags } = flaggedPattern(constraints[0], constraints[1]);
  const expression = compileSafe(source, flags.replace('u', ''));
  return { ...check, test: (value) => typeof value === 'string' && expression.test(value) };
}

function forbidEmpty(node: SchemaNode): void {
  node.add(node.type === 'string' ? { minLength: 1 } : { not: { enum: ['', null] } });
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
