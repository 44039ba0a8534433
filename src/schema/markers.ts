export { OPTIONAL, WRAPPED } from '../wire/builder/index.js';

/**
 * Run-time checks that JSON Schema has no words for; see classes/custom-check.ts. As the marks of the
 * builder are, a shared symbol: gone from JSON, and understood by a second copy of this module.
 */
export const CHECKS = Symbol.for('dispatcher:schema:checks');

/**
 * On `{ anyOf: [rules, {}] }`: whether the rules hold depends on the object around the value, which
 * JSON Schema cannot see; see classes/conditions.ts.
 */
export const CONDITION = Symbol.for('dispatcher:schema:condition');

/** On the schema of an object: properties that are required under a condition. */
export const REQUIRED_IF = Symbol.for('dispatcher:schema:required-if');
