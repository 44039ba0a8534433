/** The way to the dispatcher: one connection, whoever needs it. Knows nothing of files. */
export {
  type Change,
  type ChangeListener,
  type ConnectionOptions,
  DispatcherConnection,
} from './dispatcher-connection.js';
