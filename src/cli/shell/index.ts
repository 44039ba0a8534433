/**
 * The shell behind `dispatcher-cli`: its tree, its language and what a line does. Everything but the
 * terminal: prompt, line editing, history, completion and notices ask here.
 */
export * from './namespaces/index.js';
export { Shell, type ShellOptions, type Variables } from './shell.js';
export type { BegunTask, MissingValue, Outcome, ShellIo } from './shell-io.js';
export { BUILT_INS, STAGES, type WordCompletes, type WordSpec } from './words-table.js';
