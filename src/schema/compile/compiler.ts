import { Ajv, type ErrorObject } from 'ajv';
import type { JsonSchema } from '../json-schema.js';
import { FORMATS } from '../formats.js';
import { regExpEngine } from '../safe-regexp.js';
import { collapse } from './error-report.js';
import { type Definitions, keywordDefinitions } from './keywords.js';

/** The errors of a value, their paths relative to it; null when there are none. */
export type SchemaCheck = (value: unknown) => ErrorObject[] | null;

// Properties that every JavaScript object appears to have.
const INHERITED =
  /"(?:constructor|hasOwnProperty|isPrototypeOf|propertyIsEnumerable|to(?:Locale)?String|valueOf|__\w+__)"/;

/**
 * Compiles an executable schema. The engine is made anew each time (0.2 ms) and lives as long as the
 * result: a shared one keeps everything it ever compiled, and with it the code of unloaded plugins.
 */
export function compileExecutable(executable: JsonSchema, definitions: Definitions): SchemaCheck {
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    strictNumbers: true, // neither NaN nor Infinity is a number
    meta: false,
    validateSchema: false, // see schema-check.ts
    addUsedSchema: false,
    inlineRefs: false,
    logger: false,
    formats: FORMATS,
    keywords: keywordDefinitions(definitions),
    code: { regExp: regExpEngine },
    // asking every object whether it owns a property costs time, so only where it matters
    ownProperties: INHERITED.test(JSON.stringify(executable)),
  });
  const validate = ajv.compile(executable);
  return (value) => (validate(value) ? null : collapse(validate.errors ?? []));
}
