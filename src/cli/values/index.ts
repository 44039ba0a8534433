/**
 * What people write as values, and the schemas that say what is meant: a word of a command line or of a
 * shell becomes a value of the wire. Knows nothing of servers, terminals and the process.
 */
export {
  type ArgumentWord,
  readArguments,
  type WholeArguments,
  type WrittenArguments,
  type WrittenValue,
} from './argument-words.js';
export { bindArguments, type BoundArguments, type Signature } from './bind.js';
export { anyValue, convert } from './convert.js';
export { describeSchema } from './describe-schema.js';
export {
  branchesOf,
  type Definitions,
  propertiesOf,
  refersToDefinitions,
  resolve,
  type Schema,
  specialOf,
} from './schema.js';
export { bytesOf, momentOf, secondsOf } from './units.js';
