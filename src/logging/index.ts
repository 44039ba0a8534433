/**
 * Where log lines go: implements the Logger port of the SDK, for the server, for Nest and for
 * plugins. Nothing else writes to the console.
 */
export type { LogDestination } from './destinations/log-destination.js';
export { openLog } from './destinations/open-log.js';
export { hideSecrets, isSecretName } from './hide-secrets.js';
export { LogRoot } from './log-root.js';
export { NestLogger } from './nest-logger.js';
export { SERVER_LOGGER } from './server-logger.js';
