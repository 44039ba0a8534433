import type { ErrorObject } from 'ajv';
import { extendedType } from '../extended-types.js';
import { EXTENDED_TYPE } from '../json-schema.js';
import { canonicalJson } from '../canonical-json.js';
import { KEYWORD } from './keywords.js';

type Parameters = Readonly<Record<string, unknown>>;

const MAX_LISTED = 20;

const count = (limit: unknown, noun: string): string => plural(limit, [noun, `${noun}s`]);

const plural = (limit: unknown, [one, many]: readonly [string, string]): string =>
  `${String(limit)} ${limit === 1 ? one : many}`;

const PROPERTIES = ['property', 'properties'] as const;

const COMPARISONS = new Map([
  ['>=', 'at least'],
  ['<=', 'at most'],
  ['>', 'greater than'],
  ['<', 'less than'],
]);

const comparison = ({ comparison: operator, limit }: Parameters): string =>
  `must be ${COMPARISONS.get(String(operator)) ?? ''} ${String(limit)}`;

const show = (value: unknown): string => (typeof value === 'string' ? value : canonicalJson(value));

function list(values: unknown): string {
  const all = Array.isArray(values) ? values : [values];
  const shown = all.slice(0, MAX_LISTED).map(show).join(', ');
  return all.length > MAX_LISTED ? `${shown}, ... (${all.length} values)` : shown;
}

const typeNames = (type: unknown): string =>
  (Array.isArray(type) ? type : String(type).split(',')).join(' or ');

/** A probe passes the whole sentence where the type has no name in JSON Schema. */
function typeMessage({ type }: Parameters): string {
  const text = typeNames(type);
  return text.startsWith('must be ') ? text : `must be ${text}`;
}

function unionMessage({ choices, passingSchemas }: Parameters): string {
  if (Array.isArray(passingSchemas)) return 'must match only one of the allowed forms';
  return Array.isArray(choices) && choices.length > 0
    ? `must be ${choices.join(' or ')}`
    : 'must match one of the allowed forms';
}

function multipleMessage({ multipleOf }: Parameters): string {
  return `must be a multiple of ${String(multipleOf)}`;
}

const MESSAGES = new Map<string, (params: Parameters) => string>([
  ['type', typeMessage],
  ['required', () => 'is required'],
  ['dependencies', ({ property }) => `is required when ${String(property)} is given`],
  ['enum', ({ allowedValues }) => `must be one of: ${list(allowedValues)}`],
  ['const', ({ allowedValue }) => `must be ${show(allowedValue)}`],
  ['minimum', comparison],
  ['maximum', comparison],
  ['exclusiveMinimum', comparison],
  ['exclusiveMaximum', comparison],
  ['multipleOf', multipleMessage],
  ['minLength', ({ limit }) => `must be at least ${count(limit, 'character')} long`],
  ['maxLength', ({ limit }) => `must be at most ${count(limit, 'character')} long`],
  ['pattern', ({ pattern }) => `must match the pattern ${String(pattern)}`],
  ['format', ({ format }) => `must be a valid ${String(format)}`],
  ['minItems', ({ limit }) => `must have at least ${count(limit, 'item')}`],
  ['maxItems', ({ limit }) => `must have at most ${count(limit, 'item')}`],
  ['additionalItems', ({ limit }) => `must have at most ${count(limit, 'item')}`],
  ['minProperties', ({ limit }) => `must have at least ${plural(limit, PROPERTIES)}`],
  ['maxProperties', ({ limit }) => `must have at most ${plural(limit, PROPERTIES)}`],
  ['contains', () => 'must contain an item of the required form'],
  ['not', () => 'must not have the forbidden form'],
  ['false schema', () => 'must not be given'],
  ['oneOf', unionMessage],
  ['anyOf', unionMessage],
  [KEYWORD.check, ({ message }) => String(message)],
  [
    KEYWORD.extended,
    ({ type }) => extendedType({ [EXTENDED_TYPE]: type })?.expectation ?? 'has the wrong type',
  ],
  [KEYWORD.exact, () => 'must be an integer of at most 2^53, past which numbers are rounded'],
  [KEYWORD.multiple, multipleMessage],
  [KEYWORD.plain, () => 'must be object'],
  [KEYWORD.readOnly, ({ value }) => `Property ${String(value)} is read-only`],
  [KEYWORD.unique, () => 'must not have equal items'],
  [KEYWORD.unknown, () => 'is not a known property'],
]);

/** One sentence for people: what the value would have to be. */
export function describe({ keyword, params, propertyName, message }: ErrorObject): string {
  const text = MESSAGES.get(keyword)?.(params as Parameters) ?? message ?? 'is invalid';
  return propertyName === undefined ? text : `${propertyName} as a name ${text}`;
}
