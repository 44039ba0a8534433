/** The command line as words: what it asks for by the table of commands, and what is wrong with it. */
export { Options } from './options.js';
export {
  everyOption,
  isHidden,
  MisuseError,
  parseArguments,
  type Request,
} from './parse-arguments.js';
export { CONNECTION, optionsOf, OUTPUT } from './shared-options.js';
