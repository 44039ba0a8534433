/**
 * The form engine: from a schema to the state of a form, from there to a value and back. Pure: knows
 * no page and no server; the pages draw its nodes, the checker runs its checks in a worker.
 */
export * from './arguments-form.js';
export { empty, extraSchema, fill, jsonNode, placeOf } from './fill.js';
export * from './json.js';
export type * from './nodes.js';
export { type Problem, read } from './read.js';
export { referenceIn, SchemaIndex } from './schema-index.js';
export type { Property, Schema } from './shape.js';
export { summaryOf, wordsOf } from './summary.js';
