/** The description of the configuration file. Used inside this folder only. */
export { CLI } from './cli.schema.js';
export {
  CONFIGURATION_SCHEMA,
  DATASTORE,
  OWN_SECTIONS,
  PUBLISHED_SCHEMA,
  PUBLISHED_SECTIONS,
} from './configuration.schema.js';
export { DISPATCHER } from './dispatcher.schema.js';
export { ETCD } from './etcd.schema.js';
export { FORMATS } from './formats.js';
export { LIMITS } from './limits.schema.js';
export type { Properties, SectionSchema, ValueSchema } from './value-kinds.js';
export { isOptional } from './value-kinds.js';
export { toCamelCase, type ValueOf } from './value-type.js';
