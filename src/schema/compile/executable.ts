import type { ConditionalRequirement } from '../classes/conditions.js';
import type { CustomCheck } from '../classes/custom-check.js';
import { extendedType } from '../extended-types.js';
import {
  CLOSED,
  EXTENDED_TYPE,
  isRecord,
  type JsonSchema,
  mapKeyword,
  nameOfReference,
  SCHEMA_KEYWORDS,
  type SubSchema,
} from '../json-schema.js';
import { CHECKS, CONDITION, REQUIRED_IF } from '../markers.js';
import { isLongRule, KEYWORD } from './keywords.js';
import type { Mode } from './mode.js';

type Keywords = Record<string, unknown>;

// What the engine is given beside subschemas; everything else is annotation or handled here.
const ASSERTIONS = new Set(
  (
    'type maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength ' +
    'pattern format maxItems minItems maxProperties minProperties nullable'
  ).split(' '),
);

const WIRE_FORM = new Set(['type', 'properties', 'required', 'additionalProperties']);

const UNIONS = new Set(['anyOf', 'oneOf']);

/** A schema whose value is filled in or thrown away before the check, and so may be missing in it. */
const isSupplied = (schema: unknown, mode: Mode): boolean =>
  mode !== 'result' && isRecord(schema) && ('default' in schema || schema['readOnly'] === true);

/**
 * Turns a published schema into what the engine compiles: references become look-ups by name,
 * extended types checks of the code value, and what depends on the mode is decided.
 */
export function toExecutable(schema: JsonSchema, mode: Mode): JsonSchema {
  if (CONDITION in schema) return conditional(schema, mode);
  const extended = schema[EXTENDED_TYPE];
  const result: Keywords =
    extendedType(schema) === undefined ? {} : { [KEYWORD.extended]: extended };
  const checks: unknown = Reflect.get(schema, CHECKS);
  if (checks !== undefined) result[KEYWORD.check] = checks;
  addConditionalRequirements(result, { schema, mode });
  const replaced = replacedBy(checks);
  if (replaced.has(EXTENDED_TYPE)) Reflect.deleteProperty(result, KEYWORD.extended);
  for (const [keyword, value] of Object.entries(schema)) {
    if (replaced.has(keyword)) continue;
    if (keyword === '$ref') result[KEYWORD.reference] = nameOfReference(String(value));
    else addKeyword(result, { schema, keyword, mode, value });
  }
  return result;
}

/** Of `{ anyOf: [rules, {}] }`: the rules, where the condition holds. */
function conditional(schema: JsonSchema, mode: Mode): JsonSchema {
  const [rules] = schema['anyOf'] as readonly [JsonSchema];
  const condition: unknown = Reflect.get(schema, CONDITION);
  return { if: { [KEYWORD.condition]: condition }, then: toExecutable(rules, mode) };
}

/** The keywords that checks beside them stand in for, with a text of their author's. */
function replacedBy(checks: unknown): ReadonlySet<string> {
  if (!Array.isArray(checks)) return NONE;
  return new Set(
    (checks as readonly CustomCheck[]).flatMap(({ replaces }) => [...(replaces ?? [])]),
  );
}

const NONE: ReadonlySet<string> = new Set();

interface Source {
  readonly schema: JsonSchema;
  readonly keyword: string;
  readonly value: unknown;
  readonly mode: Mode;
}

function addKeyword(result: Keywords, source: Source): void {
  const { schema, keyword, mode, value } = source;
  if (extendedType(schema) !== undefined && isReplaced(keyword)) {
    if (isLongRule(keyword))
      result[KEYWORD.long] = { ...(result[KEYWORD.long] ?? {}), [keyword]: value };
  } else if (keyword === 'enum' || keyword === 'const') addMembers(result, source);
  else if (keyword === 'multipleOf') result[KEYWORD.multiple] = value;
  else if (keyword === 'required') addRequired(result, source);
  else if (keyword === 'additionalProperties') addSurplusRule(result, source);
  else if (keyword === 'uniqueItems') {
    if (value === true) result[KEYWORD.unique] = true;
  } else if (keyword === 'format') {
    // a decorator's own function decides, the format only tells clients about it
    if (!(CHECKS in schema)) result[keyword] = value;
  } else if (SCHEMA_KEYWORDS.has(keyword)) {
    result[keyword] = mapKeyword(keyword, value, (subschema, path) =>
      executableChild(subschema, { keyword, mode, step: path[1] }),
    );
  } else if (ASSERTIONS.has(keyword)) {
    result[keyword] = value;
    if (keyword === 'type' && admitsObjects(value)) result[KEYWORD.plain] = true;
    if (keyword === 'type' && mode !== 'result' && admitsIntegersOnly(value)) {
      result[KEYWORD.exact] = true;
    }
  }
}

/** Of an extended type's schema: what describes its wire form, and what its code value has rules of its own for. */
const isReplaced = (keyword: string): boolean => WIRE_FORM.has(keyword) || isLongRule(keyword);

/** The engine compares JSON; extended values are something else by the time of the check. */
function addMembers(result: Keywords, { keyword, value }: Source): void {
  const members = keyword === 'enum' && Array.isArray(value) ? (value as unknown[]) : [value];
  if (EXTENDED_KEY.test(JSON.stringify(members))) result[KEYWORD.member] = members;
  else result[keyword] = value;
}

const EXTENDED_KEY = /"\$(?:date|binary|long)":/;

const admitsIntegersOnly = (type: unknown): boolean =>
  type === 'integer' ||
  (Array.isArray(type) && type.includes('integer') && !type.includes('number'));

const admitsObjects = (type: unknown): boolean =>
  type === 'object' || (Array.isArray(type) && type.includes('object'));

function addRequired(result: Keywords, { schema, value, mode }: Source): void {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  const names = (value as readonly string[]).filter(
    (name) => !Object.hasOwn(properties, name) || !isSupplied(properties[name], mode),
  );
  if (names.length > 0) result['required'] = names;
}

function addConditionalRequirements(
  result: Keywords,
  { schema, mode }: Pick<Source, 'schema' | 'mode'>,
): void {
  const all = Reflect.get(schema, REQUIRED_IF) as readonly ConditionalRequirement[] | undefined;
  const properties = schema['properties'] as JsonSchema;
  const missing = all?.filter(({ name }) => !isSupplied(properties[name], mode)) ?? [];
  if (missing.length > 0) result[KEYWORD.requiredIf] = missing;
}

function addSurplusRule(result: Keywords, { schema, value, mode }: Source): void {
  if (value === false) {
    const isTolerated = mode === 'result' && schema[CLOSED] !== undefined;
    if (!isTolerated) result['additionalProperties'] = { [KEYWORD.unknown]: true };
    return;
  }
  result['additionalProperties'] = executableChild(value, {
    keyword: 'additionalProperties',
    mode,
  });
}

interface Place {
  readonly keyword: string;
  readonly mode: Mode;
  /** Its property name or index; none where one schema stands for all. */
  readonly step?: string | undefined;
}

function executableChild(subschema: unknown, place: Place): SubSchema {
  if (!isRecord(subschema)) return subschema === true;
  const { keyword, mode, step } = place;
  if (keyword === 'properties' && mode !== 'result' && subschema['readOnly'] === true) {
    return mode === 'strict' ? { [KEYWORD.readOnly]: step } : true;
  }
  const executable = toExecutable(subschema, mode);
  if (UNIONS.has(keyword)) return guarded(subschema, executable);
  return isLoop(place) ? { [KEYWORD.budget]: true, ...executable } : executable;
}

/** Whether the engine checks elements of any number with this subschema. */
function isLoop({ keyword, step }: Place): boolean {
  if (keyword === 'items') return step === undefined;
  return ['additionalItems', 'additionalProperties', 'patternProperties'].includes(keyword);
}

/**
 * A branch of a union is looked into only when its type and its tags fit. Otherwise recursive
 * unions would take time exponential in the value's depth, and their errors would be those of
 * branches that nobody meant.
 */
function guarded(branch: JsonSchema, executable: JsonSchema): JsonSchema {
  const isDeep = ['$ref', 'properties', 'items', 'allOf', 'anyOf', 'oneOf'].some(
    (keyword) => keyword in branch,
  );
  if (!isDeep || extendedType(branch) !== undefined) return executable;
  const probe = { [KEYWORD.probe]: branch };
  return { if: probe, then: executable, else: probe };
}
