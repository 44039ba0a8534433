/**
 * The way to a server: where it is, who asks, the connection with its limits and its end. Used by the
 * commands; prints nothing but notices.
 */
export { addressOf } from './address.js';
export { askHidden, askVisible } from './ask-hidden.js';
export { secretsOf } from './secrets.js';
export {
  type LinkNews,
  type Session,
  type SessionOptions,
  timeoutMs,
  withSession,
} from './session.js';
export { configurationFile, readSettings } from './settings.js';
