/**
 * The client library (`dispatcher/client`): connects to a dispatcher from a browser or from Node,
 * calls, streams, hears events and follows tasks. No Nest, no dependency, nothing of Node; of the
 * server it knows only `common/portable` and the schemas of `wire`. The web console and the command line are built on it.
 */
export type { BackOffOptions } from './back-off.js';
export { type CallArguments, type CallOptions, STREAMED } from './calls.js';
export { DispatcherClientError } from './client-error.js';
export type { RowKey } from './collection/changes.js';
export {
  Collection,
  type CollectionOptions,
  type CollectionState,
} from './collection/collection.js';
export { collectionOf } from './collection/collection-of.js';
export type { Account, ConnectionState } from './connection-state.js';
export { type ConnectOptions, DispatcherClient } from './dispatcher-client.js';
export type {
  EventClient,
  EventItem,
  IterateOptions,
  SubscribeOptions,
  Subscription,
} from './events/event-client.js';
export type { EventGap } from './events/event-routes.js';
export type { DispatcherEvent, DispatcherEventMap, EventFor } from './events/event-map.js';
export type { Login } from './login.js';
export type { DispatcherClientOptions } from './options.js';
export type { Credentials } from './session.js';
export type { ClientSocket, ClientSocketConstructor, SocketEvent } from './socket.js';
export type { TaskClient } from './tasks/task-client.js';
export type {
  SubmitOptions,
  TaskClaim,
  TaskFailure,
  TaskProgress,
  TaskRow,
  TaskUpdate,
} from './tasks/task-types.js';
export {
  type ApiShape,
  typedClient,
  type TypedClient,
  type TypedClientOptions,
  type TypedEvents,
  type TypedTask,
} from './typed-client.js';
export type { ValueForm } from './value-form.js';
export type { TaskState } from '../wire/index.js';
export {
  compileMask,
  Errno,
  errnoName,
  type ErrnoName,
  type MaskMatcher,
  Password,
} from '../common/portable.js';
