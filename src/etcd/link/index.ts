/** The way to the dispatcher: one connection, whoever needs it. Knows nothing of files. */
export { type Change, DispatcherConnection } from './dispatcher-connection.js';
