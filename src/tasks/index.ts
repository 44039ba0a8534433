/**
 * Task handlers by name. The engine that verifies, locks and runs tasks stands on this table.
 */
export type { TaskHandler } from './task-handler.js';
