/**
 * Where log lines go: implements the Logger port of the SDK, for the server, for Nest and for
 * plugins. Nothing else writes to the console.
 */
export { LOG_LEVELS, type LogLevel, LogRoot } from './log-root.js';
export type { LogLine, LogTail } from './log-tail.js';
export { NestLogger } from './nest-logger.js';
