/**
 * What a plugin author imports: the package's root export. Decorators only write metadata, base
 * classes only declare; the host brings both to life. Nothing here reaches into the server.
 */
export {
  abortable,
  compileMask,
  currentCause,
  Errno,
  errnoName,
  isDispatcherError,
  onAbort,
  Password,
  RetryableException,
  RpcException,
  TaskException,
  ValidationException,
  VerifyException,
  type ValidationError,
} from '../common/index.js';
export { type Filter, queryArray, type QueryParams } from '../common/query/index.js';
export { h, type Infer, type JsonSchema, type SchemaArg } from '../schema/index.js';
export { accepts } from './decorators/accepts.decorator.js';
export {
  eventSource,
  Plugin,
  provider,
  task,
  type PluginOptions,
} from './decorators/class.decorators.js';
export {
  deprecated,
  description,
  generator,
  internal,
  params,
  private,
  requireRoles,
  sender,
  signal,
  unauthenticated,
} from './decorators/method.decorators.js';
export { query } from './decorators/query.decorator.js';
export { returns } from './decorators/returns.decorator.js';
export {
  type CollectionInfo,
  type CollectionOptions,
  type ConfigChange,
  type ConfigNode,
  ConfigStore,
  Datastore,
  DatastoreException,
  type Document,
  DuplicateKeyException,
  type RowId,
  type StoredRow,
  type WriteOperation,
} from './datastore.js';
export {
  type DebugFiles,
  type DebugHook,
  Dispatcher,
  type HookFn,
  type NewResource,
  type ResourceParents,
} from './dispatcher.js';
export type { DispatcherEvent, EventHandler } from './event-handler.js';
export type { EventArgs, EventMatch, EventWaitOptions } from './event-wait.js';
export { EventSource } from './event-source.js';
export {
  DISPATCHER_CONTEXT,
  type DispatcherCall,
  DispatcherExecutionContext,
  withDispatcherCall,
} from './execution-context.js';
export {
  type EntryName,
  fileId,
  FolderHandle,
  madeId,
  openPinned,
} from '../system/folder-handle.js';
export { Logger, type LogFields } from './logger.js';
export {
  type AnyClass,
  type ClassMetadata,
  classMetadata,
  type MethodMetadata,
  methodMetadata,
  type PluginMetadata,
  type SettingsMetadata,
  type SettingsType,
  type TaskOptions,
} from './metadata.js';
export type { PluginContext, PluginLifecycle } from './plugin-context.js';
export { Provider } from './provider.js';
export type { Sender } from './sender.js';
export type { EventSourceMembers, ServerMembers, TaskMembers } from './server-members.js';
export { InjectSettings, Settings, settings, settingsMetadata } from './settings.js';
export { SubtaskHandle } from './subtask-handle.js';
export type { Claim, Claims, TaskDescription } from './claims.js';
export { Task } from './task.js';
export {
  bindTask,
  type ProgressReport,
  type ProgressSlice,
  type SubtaskRequest,
  type TaskContext,
  type TaskWarning,
} from './task-context.js';
export { WatchingSource } from './watching-source.js';
