/**
 * What people write as values, and the schemas that say what is meant: a word of a command line or of a
 * shell becomes a value of the wire. Knows nothing of servers, terminals and the process.
 */
export {
  type ArgumentWord,
  readArguments,
  readFile,
  type WholeArguments,
  type WrittenArguments,
  type WrittenValue,
} from './argument-words.js';
export { bindArguments, type BoundArguments, type Signature } from './bind.js';
export { anyValue, convert } from './convert.js';
export { misfitOf } from './misfit.js';
export { type FilterTriple, readFilter } from './filter-words.js';
export { describeSchema } from './describe-schema.js';
export {
  branchesOf,
  type Definitions,
  propertiesOf,
  isSchema,
  refersToDefinitions,
  resolve,
  rowProperties,
  type Schema,
  specialOf,
} from './schema.js';
export { secondsOf } from './units.js';
