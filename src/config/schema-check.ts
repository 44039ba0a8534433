import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import type { Problem } from './configuration-error.js';
import { closest, didYouMean } from './did-you-mean.js';
import { suggestKey } from './key-suggestion.js';
import { FORMATS, type SectionSchema, type ValueSchema } from './schema/index.js';
import { expectedBy, keyPath, quote } from './wording.js';

const AJV_OPTIONS: Options = {
  allErrors: true,
  verbose: true, // messages need the schema and the value of what failed
  meta: false, // the schemas are our own: to compile the one that they fit would take half of the time
  validateSchema: false,
  formats: Object.fromEntries(
    Object.entries(FORMATS).map(([name, { accepts }]) => [name, { validate: accepts }]),
  ),
};

const validators = new WeakMap<object, ValidateFunction>();

/** Everything in `value` that the schema does not allow, one problem for each key. */
export function checkAgainst(schema: object, value: unknown): readonly Problem[] {
  const validate = validatorOf(schema);
  if (validate(value)) return [];
  const problems = new Map<string, Problem>();
  for (const error of validate.errors ?? []) {
    const problem = problemOf(error);
    // a value of the wrong type fails further checks too; the first says it all
    if (!problems.has(problem.where)) problems.set(problem.where, problem);
  }
  return [...problems.values()];
}

/** Compiled when first needed, so that reading this module costs a command-line tool nothing. */
function validatorOf(schema: object): ValidateFunction {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const compiled = new Ajv(AJV_OPTIONS).compile(schema);
  validators.set(schema, compiled);
  return compiled;
}

function problemOf(error: ErrorObject): Problem {
  const path = segmentsOf(error.instancePath);
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params['additionalProperty']);
    const siblings = Object.keys((error.parentSchema as SectionSchema).properties);
    const what = `unknown key${didYouMean(suggestKey(key, siblings))}`;
    return { where: keyPath([...path, key]), what };
  }
  return { where: keyPath(path), what: mismatch(error) };
}

function mismatch({ parentSchema, data }: ErrorObject): string {
  const schema = parentSchema as ValueSchema | SectionSchema;
  const hint =
    'enum' in schema && typeof data === 'string' ? didYouMean(closest(data, schema.enum)) : '';
  return `expected ${expectedBy(schema)}, got ${quote(data)}${hint}`;
}

/** A JSON pointer's segments: `/dispatcher/plugin-dirs/0`. */
function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}
