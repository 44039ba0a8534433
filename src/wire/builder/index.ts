/**
 * The builder of schemas, `h`, and the types of what they admit. Pure, for browsers as well: what is
 * made with it is plain JSON Schema. `schema` publishes, compiles and checks it.
 */
export { h } from './builder.js';
export { enumValues } from './enum-values.js';
export { type ExtendedType, wireSchema } from './extended-forms.js';
export type { Infer, Schema, SchemaArg, SchemaClass } from './infer.js';
export { CLOSED, DEFINITIONS, EXTENDED_TYPE, type JsonSchema, referenceTo } from './json-schema.js';
export { OPTIONAL, WRAPPED } from './markers.js';
