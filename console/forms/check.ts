import { type OutputUnit, Validator } from '@cfworker/json-schema';
import { isList, isObject, type Json, type JsonObject, type Path, wordOf } from './json.js';
import type { Problem } from './read.js';

/** What the check says: problems, or that this schema cannot be checked here, and why. */
export type Verdict =
  | { readonly kind: 'checked'; readonly problems: readonly Problem[] }
  | { readonly kind: 'unchecked'; readonly reason: string };

/** Nobody reads more. */
const MAX_PROBLEMS = 200;
/** Errors that only say that another error happened. */
const SUMMARIES = new Set([
  'properties',
  'patternProperties',
  'additionalProperties',
  'additionalItems',
  'items',
  'prefixItems',
  'allOf',
  '$ref',
  'if',
  'then',
  'else',
  'dependencies',
  'dependentSchemas',
  'propertyNames',
  'unevaluatedProperties',
]);
const UNIONS = new Set(['anyOf', 'oneOf']);
const MISMATCHES = new Set(['type', 'const', 'enum', 'required', 'false']);

/**
 * Compares a value with a bundled schema. Runs what the schema says, patterns of strangers included:
 * in a page it is called in a worker, which is ended when it takes too long.
 */
export function check(schema: JsonObject, value: Json): Verdict {
  try {
    const { valid, errors } = new Validator(schema, '7', false).validate(value);
    return { kind: 'checked', problems: valid ? [] : toProblems(errors, schema, value) };
  } catch (error) {
    // a circle of references, a pattern that is none: the server will say what it makes of it
    return { kind: 'unchecked', reason: error instanceof Error ? error.message : 'unknown' };
  }
}

/** True for a value that fits; false for anything else, a schema that cannot be checked included. */
export function isValid(schema: JsonObject, value: Json): boolean {
  const verdict = check(schema, value);
  return verdict.kind === 'checked' && verdict.problems.length === 0;
}

function toProblems(errors: readonly OutputUnit[], schema: JsonObject, value: Json): Problem[] {
  const problems = new Map<string, Problem>();
  const leaves = errors.filter(({ keyword }) => !SUMMARIES.has(keyword));
  for (const unit of withoutUnions(leaves)) {
    const problem = toProblem(unit, schema, value);
    problems.set(JSON.stringify(problem), problem);
    if (problems.size === MAX_PROBLEMS) break;
  }
  if (problems.size > 0) return [...problems.values()];
  return [{ path: [], message: 'does not have the form that is expected' }];
}

/** Of a union: the errors of the branch that was meant, else one that says that none fits. */
function withoutUnions(leaves: readonly OutputUnit[]): OutputUnit[] {
  const unions = leaves.filter(({ keyword }) => UNIONS.has(keyword));
  const outer = unions.filter(
    (unit) => !unions.some((other) => other !== unit && isBelow(unit, other)),
  );
  const rest = leaves.filter(
    (unit) => !outer.some((union) => unit === union || isBelow(unit, union)),
  );
  return [...rest, ...outer.flatMap((union) => explained(union, leaves))];
}

function isBelow(unit: OutputUnit, union: OutputUnit): boolean {
  return unit.keywordLocation.startsWith(`${union.keywordLocation}/`);
}

function explained(union: OutputUnit, leaves: readonly OutputUnit[]): OutputUnit[] {
  const branches = new Map<string, OutputUnit[]>();
  for (const unit of leaves) {
    if (!isBelow(unit, union) || UNIONS.has(unit.keyword)) continue;
    const branch =
      unit.keywordLocation.slice(union.keywordLocation.length + 1).split('/', 1)[0] ?? '';
    branches.set(branch, [...(branches.get(branch) ?? []), unit]);
  }
  const meant = [...branches.values()]
    .filter((units) => !units.some((unit) => isMismatch(unit, union)))
    .sort((a, b) => a.length - b.length);
  return meant[0] ?? [union];
}

function isMismatch({ keyword, instanceLocation }: OutputUnit, union: OutputUnit): boolean {
  return MISMATCHES.has(keyword) && instanceLocation === union.instanceLocation;
}

function toProblem(unit: OutputUnit, schema: JsonObject, value: Json): Problem {
  const path = pathOf(unit.instanceLocation, value);
  const limit = limitOf(unit, schema);
  if (unit.keyword === 'required') return missing(path, unit.error);
  return { path, message: MESSAGES.get(unit.keyword)?.(limit, unit) ?? unit.error };
}

/** `Instance does not have required property "name".` */
function missing(path: Path, error: string): Problem {
  const name = /property "(.*)"\.$/s.exec(error)?.[1];
  return { path: name === undefined ? path : [...path, name], message: 'is required' };
}

const count = (limit: Json | undefined, noun: string): string =>
  `${wordOf(limit)} ${noun}${limit === 1 ? '' : 's'}`;

/** The words of the server, where it has some. */
const MESSAGES = new Map<string, (limit: Json | undefined, unit: OutputUnit) => string>([
  ['type', (limit) => `must be ${isList(limit) ? limit.map(wordOf).join(' or ') : wordOf(limit)}`],
  ['const', (limit) => `must be ${JSON.stringify(limit)}`],
  ['enum', (limit) => `must be one of: ${oneOf(limit)}`],
  [
    'false',
    (_, { instanceLocation }) =>
      /\/\d+$/.test(instanceLocation) ? 'is not expected' : 'is not a known property',
  ],
  ['minLength', (limit) => `must be at least ${count(limit, 'character')} long`],
  ['maxLength', (limit) => `must be at most ${count(limit, 'character')} long`],
  ['pattern', (limit) => `must match the pattern ${wordOf(limit)}`],
  ['format', (limit) => `must be a valid ${wordOf(limit)}`],
  ['minimum', (limit) => `must be at least ${wordOf(limit)}`],
  ['maximum', (limit) => `must be at most ${wordOf(limit)}`],
  ['exclusiveMinimum', (limit) => `must be more than ${wordOf(limit)}`],
  ['exclusiveMaximum', (limit) => `must be less than ${wordOf(limit)}`],
  ['multipleOf', (limit) => `must be a multiple of ${wordOf(limit)}`],
  ['minItems', (limit) => `must have at least ${count(limit, 'item')}`],
  ['maxItems', (limit) => `must have at most ${count(limit, 'item')}`],
  ['uniqueItems', () => 'must not have equal items'],
  ['minProperties', (limit) => `must have at least ${wordOf(limit)} properties`],
  ['maxProperties', (limit) => `must have at most ${wordOf(limit)} properties`],
  ['contains', () => 'must contain an item of the required form'],
  ['not', () => 'must not have the forbidden form'],
  ['anyOf', () => 'must match one of the allowed forms'],
  ['oneOf', () => 'must match exactly one of the allowed forms'],
]);

function oneOf(options: Json | undefined): string {
  if (!isList(options)) return '';
  const shown = options.slice(0, 8).map((option) => wordOf(option));
  return options.length > 8
    ? `${shown.join(', ')} and ${options.length - 8} more`
    : shown.join(', ');
}

/** The value of the keyword that failed. */
function limitOf({ keywordLocation, keyword }: OutputUnit, schema: JsonObject): Json | undefined {
  let current: Json | undefined = schema;
  for (const part of parts(keywordLocation)) {
    if (part === '$ref' && isObject(current)) {
      const name: unknown = current['$ref'];
      if (typeof name === 'string') current = at(schema, name);
      continue;
    }
    current = step(current, part);
  }
  return keyword === 'false' ? undefined : current;
}

function at(schema: JsonObject, pointer: string): Json | undefined {
  return parts(pointer).reduce<Json | undefined>(step, schema);
}

function step(current: Json | undefined, part: string): Json | undefined {
  if (Array.isArray(current)) return (current as readonly Json[])[Number(part)];
  return isObject(current) && Object.hasOwn(current, part) ? current[part] : undefined;
}

function pathOf(location: string, value: Json): Path {
  const path: (string | number)[] = [];
  let current: Json | undefined = value;
  for (const part of parts(location)) {
    path.push(Array.isArray(current) ? Number(part) : part);
    current = step(current, part);
  }
  return path;
}

/** The library writes pointers as URI fragments, and `~` and `/` as JSON pointers do. */
function parts(pointer: string): string[] {
  return pointer
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')
    .map((part) => decoded(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function decoded(part: string): string {
  try {
    return decodeURI(part);
  } catch {
    return part;
  }
}
