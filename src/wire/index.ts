/**
 * What travels between a server, its clients and the console: the schema of each row, answer and event
 * that stands in more than one of them, once, with its type inferred. The server publishes and checks
 * the schemas, all three use the types. Pure, for browsers as well; knows nothing of who sends what when.
 *
 * Words without schemas are in `constants.js`, which a browser imports by itself.
 */
export {
  ACCOUNT,
  ACCOUNT_PATCH,
  type AccountPatch,
  type AccountRow,
  API_KEY,
  type ApiKeyRow,
  CREATED_API_KEY,
  type CreatedApiKey,
  NEW_ACCOUNT,
  NEW_API_KEY,
  NEW_ROLE,
  type NewAccount,
  type NewApiKey,
  type NewRole,
  ROLE,
  ROLE_PATCH,
  type RolePatch,
  type RoleRow,
  SESSION,
  type SessionRow,
  WHOAMI,
  type WhoAmI,
} from './account.js';
export {
  CLUSTER_EVENT_TYPES,
  CLUSTER_STATUS,
  type ClusterStatus,
  LEADER,
  type LeaderAnswer,
  NODE_ROW,
  NODE_SERVICE,
  type NodeServiceRow,
  type NodeRow,
} from './cluster.js';
export { LOG_LEVELS, type LogLevel, TASK_STATES, type TaskState } from './constants.js';
export type { Data, NativeValues, WireValues } from './data.js';
export { BROWSED, type Browsed, COLLECTION_ROW, type CollectionRow } from './datastore.js';
export {
  EVENT_TYPE,
  type EventTypeRow,
  METHOD,
  type MethodDescription,
  RIGHTS,
  type RightsReport,
  TASK_CLASS,
  type TaskClassRow,
} from './discovery.js';
export { LOCK_ROW, type LockRow } from './lock.js';
export { LOG_RECORD, type LogRecord } from './log.js';
export {
  ABOUT,
  CONNECTED_CLIENT,
  type ConnectedClient,
  EVENT_SOURCE_ROW,
  type EventSourceRow,
  FIGURES,
  type Figures,
  PLUGIN_ROW,
  type PluginRow,
  type ServerAbout,
  type ServerStatus,
  STATUS,
} from './management.js';
export { CURSOR, REPLAY, type Replay } from './replay.js';
export {
  NEW_SCHEDULE,
  type NewSchedule,
  SCHEDULE_PATCH,
  type SchedulePatch,
  SCHEDULE_ROW,
} from './schedule.js';
export { SETTING_ROW, type SettingRow } from './settings.js';
export { SERVER_EVENT_TYPES, type ServerEventTypes } from './server-events.js';
export { TASK_EVENT_TYPES } from './task-events.js';
export {
  EXECUTOR_ROW,
  type ExecutorRow,
  EXPLANATION,
  type Explanation,
  PLAN,
  RESOURCE_ROW,
  type ResourceRow,
  TASK_ROW,
  type TaskPlan,
  type TaskRow,
} from './task.js';
