/**
 * JSON Schemas: the conversion of class-validator classes, the registry of named definitions and the
 * compiled validators of arguments and results; the builder `h` of `wire` is handed on. Knows nothing of
 * calls and plugins; the call pipeline, the task engine and discovery use it, plugin authors see `h`.
 */
export {
  type ArrayOptions,
  type CommonOptions,
  h,
  type NumberOptions,
  type ObjectOptions,
  type StringOptions,
} from '../wire/builder/index.js';
export { classMetadataTargets, purgeClassMetadata } from './classes/class-metadata.js';
export type { Mode } from './compile/mode.js';
export type {
  Infer,
  InferEach,
  OptionalSchema,
  Schema,
  SchemaArg,
  SchemaClass,
} from '../wire/builder/index.js';
export type { JsonSchema } from './json-schema.js';
export { relocateReferences } from './relocate.js';
export { type Ownership, SchemaRegistry } from './schema-registry.js';
export type { ArgumentsValidator, ValueValidator } from './validators.js';
