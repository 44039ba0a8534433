/** The words of the shell's own, by name. */
import type { BuiltIn } from './built-in.js';
import { EVENTS } from './events.js';
import { PLACES } from './places.js';
import { SCRIPTS } from './scripts.js';
import { TASKS } from './tasks.js';
import { VALUES } from './values.js';

export const BUILT_IN_RUNS: ReadonlyMap<string, BuiltIn> = new Map([
  ...PLACES,
  ...VALUES,
  ...TASKS,
  ...EVENTS,
  ...SCRIPTS,
]);
