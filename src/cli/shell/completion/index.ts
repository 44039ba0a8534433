/**
 * What may stand at the cursor of a line. Carries out nothing; asks the server by `query` methods and
 * `discovery` alone, within the time that the configuration gives.
 */
export { LineCompleter } from './line-completer.js';
export { LiveValues } from './live-values.js';
export { pathWords } from './typed-word.js';
