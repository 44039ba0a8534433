/**
 * JSON Schemas: the conversion of class-validator classes, the registry of named definitions and the
 * compiled validators of arguments and results; the builder `h` of `wire` is handed on. Knows nothing of
 * calls and plugins; the call pipeline, the task engine and discovery use it, plugin authors see `h`.
 */
export { h } from '../wire/builder/index.js';
export { classMetadataTargets, purgeClassMetadata } from './classes/class-metadata.js';
export type { Infer, SchemaArg, SchemaClass } from '../wire/builder/index.js';
export type { JsonSchema } from './json-schema.js';
export { canonicalJson } from './canonical-json.js';
export { relocateReferences } from './relocate.js';
export { type Ownership, SchemaRegistry } from './schema-registry.js';
export type { ArgumentsValidator, ValueValidator } from './validators.js';
