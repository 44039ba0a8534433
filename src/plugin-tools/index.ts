/**
 * What is done with a plugin apart from any server: it is loaded by the host's own code, over tables
 * and stores that are thrown away. Runs in a process of its own (`check.worker.ts`), which
 * `dispatcherctl plugin check` starts and ends.
 */
export { checkPlugin, type CheckOptions } from './check-plugin.js';
