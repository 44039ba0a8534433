import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { distance } from 'fastest-levenshtein';
import { messageOf } from '../common/index.js';
import { extendedType } from './extended-types.js';
import { FORMATS } from './formats.js';
import { invalidSchema } from './invalid-schema.js';
import {
  EXTENDED_TYPE,
  isRecord,
  type JsonSchema,
  mapKeyword,
  SCHEMA_KEYWORDS,
} from './json-schema.js';
import { compileSafe } from './safe-regexp.js';

const ASSERTIONS =
  'type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern ' +
  'format maxItems minItems uniqueItems maxProperties minProperties required nullable';
const ANNOTATIONS =
  'title description default examples example readOnly writeOnly deprecated contentEncoding contentMediaType $ref';
const KNOWN = new Set([...SCHEMA_KEYWORDS.keys(), ...`${ASSERTIONS} ${ANNOTATIONS}`.split(' ')]);

// Later dialects check with these; ignoring them would let through what their author forbade.
const LATER_DIALECTS = new Set([
  '$anchor', '$dynamicRef', '$recursiveRef', 'dependentRequired', 'dependentSchemas', 'maxContains',
  'minContains', 'prefixItems', 'unevaluatedItems', 'unevaluatedProperties',
]); // prettier-ignore

let metaSchema: ValidateFunction | undefined;

/**
 * Refuses a published schema that is no valid draft-07, has a format nobody knows, a pattern that
 * cannot be matched safely, or a keyword that is almost but not quite one of JSON Schema's. Other
 * unknown keywords are annotations, as the standard has it.
 *
 * @throws RpcException EINVAL naming the place and the reason
 */
export function checkSchema(schema: JsonSchema): void {
  checkKeywords(schema, []);
  metaSchema ??= new Ajv({ strict: false, logger: false, validateFormats: false }).getSchema(
    'http://json-schema.org/draft-07/schema',
  );
  if (metaSchema?.(schema) !== false) return;
  const error = metaSchema.errors?.find(({ keyword }) => keyword !== 'anyOf');
  const path = (error?.instancePath ?? '').split('/').slice(1);
  throw invalidSchema(path, error === undefined ? 'is not a JSON Schema' : reasonOf(error, schema));
}

/** With the value that is wrong, and what it may be where that is a list. */
function reasonOf(
  { keyword, message = '', params, instancePath }: ErrorObject,
  schema: unknown,
): string {
  if (keyword !== 'enum') return message;
  const value = instancePath
    .split('/')
    .slice(1)
    .reduce<unknown>((within, key) => (isRecord(within) ? within[key] : undefined), schema);
  const allowed = (params['allowedValues'] as readonly unknown[]).map((each) =>
    JSON.stringify(each),
  );
  return `${JSON.stringify(value)} is none of ${allowed.join(', ')}`;
}

function checkKeywords(schema: JsonSchema, path: readonly string[]): void {
  for (const [keyword, value] of Object.entries(schema)) {
    const here = [...path, keyword];
    if (!KNOWN.has(keyword)) checkUnknown(keyword, here);
    mapKeyword(keyword, value, (subschema, below) => {
      if (isRecord(subschema)) checkKeywords(subschema, [...path, ...below]);
    });
    if (keyword === 'properties' && isRecord(value) && Object.hasOwn(value, '__proto__')) {
      throw invalidSchema(here, 'a property cannot be named __proto__');
    }
    if (keyword === 'format') checkFormat(value, here);
    if (keyword === 'pattern') checkPattern(value, here);
    if (keyword === 'patternProperties' && isRecord(value)) {
      for (const pattern of Object.keys(value)) checkPattern(pattern, here);
    }
  }
  const extended = schema[EXTENDED_TYPE];
  if (extended !== undefined && extendedType(schema) !== undefined) {
    const idle = Object.keys(schema).find((keyword) => isIdle(keyword, extended));
    if (idle === undefined) return;
    throw invalidSchema(
      [...path, idle],
      `${idle} says nothing about a ${JSON.stringify(extended)}`,
    );
  }
  if (extended !== undefined) {
    throw invalidSchema([...path, EXTENDED_TYPE], `unknown type ${JSON.stringify(extended)}`);
  }
}

const OF_NUMBERS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'];
const OF_OTHERS = [
  'minLength', 'maxLength', 'pattern', 'format', 'items', 'additionalItems', 'minItems', 'maxItems',
  'uniqueItems', 'contains', 'minProperties', 'maxProperties', 'patternProperties', 'propertyNames', 'dependencies',
]; // prettier-ignore

/** Whether a keyword would be taken for a rule and be none: dates and the like are no JSON in code. */
function isIdle(keyword: string, extended: unknown): boolean {
  return OF_OTHERS.includes(keyword) || (extended !== 'long' && OF_NUMBERS.includes(keyword));
}

function checkUnknown(keyword: string, path: readonly string[]): void {
  if (keyword === 'definitions' || keyword === '$defs') {
    throw invalidSchema(path, 'register each definition by its name and refer to it by $ref');
  }
  if (LATER_DIALECTS.has(keyword)) throw invalidSchema(path, 'this keyword is not in draft-07');
  if (keyword.startsWith('x-') || keyword.length < 5) return;
  const tolerance = keyword.length < 7 ? 1 : 2;
  for (const known of KNOWN) {
    if (distance(keyword.toLowerCase(), known.toLowerCase()) <= tolerance) {
      throw invalidSchema(path, `unknown keyword, did you mean ${known}?`);
    }
  }
}

function checkFormat(format: unknown, path: readonly string[]): void {
  if (typeof format === 'string' && !Object.hasOwn(FORMATS, format)) {
    throw invalidSchema(path, `unknown format ${format}`);
  }
}

function checkPattern(pattern: unknown, path: readonly string[]): void {
  if (typeof pattern !== 'string') return;
  try {
    compileSafe(pattern);
  } catch (error) {
    throw invalidSchema(path, `pattern ${pattern} cannot be used (${messageOf(error)})`);
  }
}
