/**
 * The debug-mode server (port 8180): the files of the web console, documents for tools, and how the
 * server is. Reads the registry; has no power that a client lacks.
 */
export { ACCESS_POLICY, type AccessPolicy } from './access-guard.js';
export { ConsoleFiles } from './console-files.js';
export { DebugController } from './debug.controller.js';
export { Documents } from './documents/documents.js';
export { Health, type HealthPorts, type HealthReport } from './health.js';
export { guardRequest } from './request-guard.js';
