/**
 * The debug-mode server (port 8180): the files of the web console, documents for tools, and how the
 * server is. Reads the registry; has no power that a client lacks.
 */
export { ConsoleFiles } from './console-files.js';
export { type HealthReport } from './health.js';
export { guardRequest } from './request-guard.js';
