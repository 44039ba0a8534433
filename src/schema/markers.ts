export { OPTIONAL, WRAPPED } from '../wire/builder/index.js';

/**
 * Run-time checks that JSON Schema has no words for; see classes/custom-check.ts. As the marks of the
 * builder are, a shared symbol: gone from JSON, and understood by a second copy of this module.
 */
export const CHECKS = Symbol.for('dispatcher:schema:checks');
