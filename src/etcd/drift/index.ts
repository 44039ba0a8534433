/**
 * Whether the files are still as they were put in place: a look at one, the watch that says when to
 * look, and how often a file is restored. Changes nothing.
 */
export { type Glance, lookForDrift } from './drift-check.js';
export { DriftWatch } from './drift-watch.js';
export { RestoreLimit } from './restore-limit.js';
