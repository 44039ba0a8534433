/**
 * The debug-mode server (port 8180): what the dispatcher offers, for a person with a browser. Reads
 * the registry; has no power that a client lacks.
 */
export { DEBUG_DEPENDENCIES, DebugController, type DebugDependencies } from './debug.controller.js';
export { Health, type HealthPorts, type HealthReport } from './health.js';
export { guardRequest } from './request-guard.js';
