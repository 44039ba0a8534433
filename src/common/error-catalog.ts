import { Errno } from './errno.js';
import { RpcException } from './errors.js';
import { TOO_DEEP } from './extended-values.js';

interface CatalogEntry {
  readonly errno: Errno;
  /** Text with `{placeholders}` filled from the parameters of {@link coded}. */
  readonly template: string;
}

const entry = (errno: Errno, template: string): CatalogEntry => ({ errno, template });

/**
 * Every error that the server itself raises towards a client. docs/errors.md is the same table in
 * prose; a test compares the two.
 */
export const ERROR_CATALOG = {
  REQUEST_NOT_JSON: entry(Errno.EINVAL, 'Request is not valid JSON'),
  INVALID_REQUEST: entry(Errno.EINVAL, 'Invalid request'),
  NO_CALLS_TO_CLIENT: entry(
    Errno.EOPNOTSUPP,
    'A client of /jsonrpc cannot be called: offer services over /socket',
  ),
  BATCH_TOO_LARGE: entry(Errno.EINVAL, 'A batch has at most {limit} entries'),
  MALFORMED_REQUEST: entry(Errno.EINVAL, 'Malformed request'),
  REQUEST_ID_IN_USE: entry(Errno.EEXIST, 'Request id already in use'),
  TOO_MANY_REQUESTS: entry(Errno.EBUSY, 'Number of simultaneous requests exceeded'),
  INVALID_CALL: entry(Errno.ENOENT, 'Invalid call'),
  INVALID_FUNCTION_PATH: entry(Errno.EINVAL, 'Invalid function path'),
  SERVICE_NOT_FOUND: entry(Errno.ENOENT, 'Service {service} not found{hint}'),
  METHOD_NOT_FOUND: entry(Errno.ENOENT, 'Method not found{hint}'),
  NOT_LOGGED_IN: entry(Errno.EACCES, 'Not logged in'),
  INSUFFICIENT_PRIVILEGES: entry(Errno.EACCES, 'Insufficient privileges'),
  METHOD_PRIVATE: entry(
    Errno.EACCES,
    'Insufficient privileges: the method is private, which means for plugins and services only',
  ),
  LOGIN_ENDED: entry(Errno.EACCES, 'The login that this was called under has ended'),
  BAD_CREDENTIALS: entry(Errno.EACCES, 'Incorrect username or password'),
  BAD_TOKEN: entry(Errno.EACCES, 'Incorrect or expired token'),
  NOT_AUTHORIZED: entry(Errno.EACCES, 'Not authorized'),
  LOGINS_THROTTLED: entry(Errno.EBUSY, 'Too many failed logins: try again in {seconds} s'),
  LOGINS_BUSY: entry(Errno.EBUSY, 'Too many logins at once: try again in {seconds} s'),
  ROWS_UNKNOWN: entry(
    Errno.EIO,
    'This node neither hears nor reads what other nodes change of users and roles: no logins, and nothing that takes the role admin, until it does',
  ),
  USER_NOT_FOUND: entry(Errno.ENOENT, 'User {username} not found'),
  USER_EXISTS: entry(Errno.EEXIST, 'User {username} exists already'),
  API_KEY_NOT_FOUND: entry(Errno.ENOENT, 'API key {id} not found'),
  API_KEY_NEEDS_USER: entry(
    Errno.EOPNOTSUPP,
    'A service or plugin has no account that could hold an API key: name a user by username',
  ),
  API_KEY_MAY_NOT: entry(
    Errno.EPERM,
    'A session by API key may not work on accounts or API keys: log in with a password',
  ),
  API_KEY_ROLE: entry(Errno.EPERM, 'API key cannot have role {role}: {username} does not have it'),
  API_KEY_EXPIRY: entry(Errno.EINVAL, 'An API key expires in the future: {reason}'),
  TOO_MANY_API_KEYS: entry(
    Errno.EBUSY,
    'A user has at most {limit} API keys: revoke one that is not needed any more',
  ),
  PASSWORD_LENGTH: entry(Errno.EINVAL, 'A password has 1 to {limit} characters'),
  ROLE_NOT_FOUND: entry(Errno.ENOENT, 'Role {role} not found'),
  ROLE_EXISTS: entry(Errno.EEXIST, 'Role {role} exists already'),
  ROLE_BUILT_IN: entry(Errno.EPERM, 'Role {role} is built in and cannot be changed'),
  ARGUMENTS_INVALID: entry(Errno.EINVAL, 'One or more passed arguments failed schema verification'),
  ARGUMENTS_NOT_NAMED: entry(
    Errno.EINVAL,
    'Method {method} takes its arguments by position only: pass an array',
  ),
  SCHEMA_NOT_REGISTERED: entry(Errno.EINVAL, 'Schema definition {name} is not registered'),
  QUERY_TOO_LARGE: entry(
    Errno.EINVAL,
    'A query has at most {limit} {what} (limit {name}): {advice}',
  ),
  PATTERN_TOO_LARGE: entry(
    Errno.EINVAL,
    'A pattern compiles to more than {limit} steps: repeat less, and fewer classes of Unicode',
  ),
  PATTERNS_TOO_LARGE: entry(
    Errno.EINVAL,
    'The patterns of the query compile to more than {limit} steps: use fewer or shorter ones',
  ),
  PATTERN_TOO_SLOW: entry(
    Errno.EOVERFLOW,
    'The patterns of the query take too long over its rows: narrow the rows by other conditions, or use simpler patterns',
  ),
  FRAME_TOO_CROWDED: entry(
    Errno.EINVAL,
    'The message has more than {limit} values (limit frame-values): send it in parts',
  ),
  ANSWER_TOO_LARGE: entry(
    Errno.EOVERFLOW,
    'The answer has more than {limit} bytes (limit answer-bytes): take it as a stream, or ask for less by limit or select',
  ),
  FRAGMENT_TOO_LARGE: entry(
    Errno.EOVERFLOW,
    'An item of the stream has more than {limit} bytes (limit fragment-bytes): ask for less by select',
  ),
  VALUE_TOO_DEEP: entry(Errno.EINVAL, TOO_DEEP),
  NUMBER_TOO_LARGE: entry(
    Errno.EINVAL,
    'Number {number} is larger than JSON numbers can be (about 1.8e308)',
  ),
  INTEGER_NOT_EXACT: entry(
    Errno.EINVAL,
    'Integer {number} is past 2^53 and would be rounded: send it as {"$long": "<digits>"}, or with an exponent where a rounded number will do',
  ),
  SCHEDULE_NOT_FOUND: entry(Errno.ENOENT, 'There is no schedule {id}'),
  SCHEDULE_EXISTS: entry(Errno.EEXIST, 'A schedule named {name} exists already'),
  SCHEDULE_CRON_INVALID: entry(Errno.EINVAL, '{cron} is no line of cron: {reason}'),
  SCHEDULE_ZONE_UNKNOWN: entry(
    Errno.EINVAL,
    'There is no time zone {zone}: name one as Europe/Berlin or UTC',
  ),
  SCHEDULE_NEEDS_USER: entry(Errno.EPERM, 'A schedule belongs to a user: log in as one to make it'),
  SCHEDULE_TOO_LARGE: entry(
    Errno.EINVAL,
    'Arguments and environment of schedule {name} have more than {limit} bytes',
  ),
  SCHEDULE_SECRET: entry(
    Errno.EINVAL,
    'A schedule keeps no password: task {task} has to find it elsewhere, as in a setting',
  ),
  TOO_MANY_SCHEDULES: entry(Errno.EBUSY, 'There are {limit} schedules: remove one first'),
  SETTING_UNKNOWN: entry(Errno.ENOENT, 'No plugin that is loaded declares a setting {key}{hint}'),
  SETTINGS_INVALID: entry(Errno.EINVAL, 'Setting {key} {reason}: nothing was changed'),
  INVALID_FEATURE: entry(Errno.EINVAL, 'Invalid feature {feature}'),
  INVALID_LOG_LEVEL: entry(Errno.EINVAL, 'Invalid logging level {level}: use one of {levels}'),
  PLUGIN_NOT_FOUND: entry(Errno.ENOENT, 'Plugin {plugin} not found'),
  PLUGIN_DISABLED: entry(
    Errno.EPERM,
    'Plugin {plugin} is disabled: management.enable_plugin lets it run',
  ),
  PLUGIN_LOAD_FAILED: entry(Errno.EFAULT, 'Plugin {plugin} failed at stage {stage}: {cause}'),
  SESSION_NOT_FOUND: entry(Errno.ENOENT, 'Session {session} not found'),
  SERVICE_UNAVAILABLE: entry(
    Errno.EBUSY,
    'Service {service} is being reloaded or has not resumed, and was not ready within {seconds} s',
  ),
  SERVICE_GONE: entry(Errno.ECONNABORTED, 'The connection of the service was closed'),
  SERVICE_OVERLOADED: entry(
    Errno.EBUSY,
    'The service has {limit} calls to answer already: try again later',
  ),
  SERVICE_ANSWER_INVALID: entry(Errno.EFAULT, 'The service gave an invalid answer: {reason}'),
  SERVICE_TIMEOUT: entry(Errno.ETIMEDOUT, 'Service {service} did not answer within {seconds} s'),
  NAME_INVALID: entry(Errno.EINVAL, '{name} cannot name {what}'),
  NOT_REGISTERED: entry(Errno.ENOENT, '{what} {name} is not registered'),
  NODE_UNKNOWN: entry(Errno.ENOENT, 'There is no node {node}: cluster.get_nodes lists them'),
  NODE_NOT_LOST: entry(Errno.EBUSY, 'Node {node} is {state}: only a lost node can be forgotten'),
  NO_SESSION_NUMBER: entry(
    Errno.EIO,
    'No session can begin: the datastore does not answer, which gives sessions their numbers',
  ),
  NO_LEADER: entry(Errno.EBUSY, 'No node leads at present: try again in some seconds'),
  NODE_GONE: entry(
    Errno.ECONNABORTED,
    'Node {node} is gone: whether it did what it was asked for is not known',
  ),
  NODE_SILENT: entry(Errno.ECONNABORTED, 'Node {node} is not reached: it was not asked'),
  NODE_ANSWER_LOST: entry(
    Errno.EIO,
    'The answer of node {node} was lost with the connection to NATS: whether it did what it was asked for is not known',
  ),
  NODE_NOT_LEADING: entry(Errno.EBUSY, 'Node {node} does not lead: try again in some seconds'),
  NODE_TIMEOUT: entry(Errno.ETIMEDOUT, 'Node {node} did not answer within {seconds} s'),
  NODE_CHANNEL_UNKNOWN: entry(Errno.ENOENT, 'Node {node} answers no {channel}'),
  NODE_MESSAGE_TOO_LARGE: entry(
    Errno.EOVERFLOW,
    'What one node sends to another has at most {limit} bytes: ask for less by limit or select, or take it as a stream',
  ),
  NODE_KEY_DIFFERS: entry(
    Errno.EIO,
    'A password is sealed between nodes, and they have no key in common (dispatcher.cluster.key)',
  ),
  NATS_AWAY: entry(Errno.EIO, 'NATS is not reached, and so no other node: {node} was to be asked'),
  TOO_MANY_NODE_CALLS: entry(
    Errno.EBUSY,
    'More than {limit} calls to other nodes are in flight: try again later',
  ),
  NOT_THE_OWNER: entry(Errno.EPERM, '{what} {name} was not registered by this connection'),
  SERVICE_NAME_RESERVED: entry(Errno.EEXIST, 'Service {service} belongs to the server'),
  METHOD_DESCRIPTION_INVALID: entry(
    Errno.EINVAL,
    'Description of method {method} is refused: {reason}',
  ),
  TOO_MANY_METHODS: entry(Errno.EINVAL, '{count} methods are described: {limit} is the most'),
  COLLECTION_NOT_READ: entry(
    Errno.EACCES,
    'Collection {collection} is read by {method}, which shows what may be shown',
  ),
  FIELD_NOT_ASKED: entry(
    Errno.EACCES,
    'Nothing can be filtered or sorted by {field}, which holds a secret: ask by another field',
  ),
  TOO_MANY_REGISTRATIONS: entry(Errno.EBUSY, 'More than {limit} {what} on one connection'),
  SCHEMA_TOO_LARGE: entry(Errno.EOVERFLOW, 'Schema definition {name} is larger than {limit} bytes'),
  LOCK_HELD_ALREADY: entry(
    Errno.EBUSY,
    'Lock {lock} is already held by this caller: release it before acquiring it again',
  ),
  LOCK_NOT_HELD: entry(Errno.EPERM, 'Lock {lock} is not held by this caller'),
  LOCK_CROWDED: entry(Errno.EBUSY, 'More than {limit} callers wait for lock {lock}'),
  LOCK_NEEDS_OWNER: entry(Errno.EOPNOTSUPP, 'Only a connection or a plugin can hold a lock'),
  TOO_MANY_LOCKS: entry(Errno.EBUSY, 'More than {limit} locks'),
  MASK_TOO_LONG: entry(
    Errno.EINVAL,
    'An event mask is longer than {limit} characters (limit name-characters)',
  ),
  TOO_MANY_MASKS: entry(
    Errno.EINVAL,
    'More than {limit} event masks on one connection (limit masks): use wider ones',
  ),
  EVENT_NAME_TOO_LONG: entry(
    Errno.EINVAL,
    'The name of an event is longer than {limit} characters (limit name-characters)',
  ),
  BURST_TOO_LARGE: entry(Errno.EINVAL, 'A burst has at most {limit} events'),
  EVENT_WAIT_TIMEOUT: entry(Errno.ETIMEDOUT, 'Event {event} did not come within {seconds} s'),
  EVENT_WAIT_CANCELED: entry(Errno.ECANCELED, 'Wait for event {event} was canceled'),
  EMPTY_EVENT_NAME: entry(Errno.EINVAL, 'An event needs a name'),
  BAD_CURSOR: entry(Errno.EINVAL, 'Cursor {cursor} is none that this server gave out'),
  SUBSCRIBER_NOT_CONNECTED: entry(
    Errno.EINVAL,
    'Only a connection can be subscribed: leave out "subscribe" or register an event handler',
  ),
  RESERVED_EVENT: entry(Errno.EPERM, 'Events named {name} belong to the server'),
  RESULT_TOO_LONG: entry(
    Errno.EOVERFLOW,
    'Result of {method} has more than {limit} items: take it as a stream or ask for fewer',
  ),
  RESOURCE_EXISTS: entry(Errno.EEXIST, 'Resource {resource} is already registered by {owner}'),
  RESOURCE_NOT_FOUND: entry(Errno.ENOENT, 'Resource {resource} not found'),
  RESOURCE_RESERVED: entry(Errno.EPERM, 'Resource {resource} belongs to the server'),
  RESOURCE_CYCLE: entry(Errno.EINVAL, 'Resource {resource} cannot be placed there: {cycle}'),
  RESOURCE_CONTESTED: entry(
    Errno.EBUSY,
    'Resource {resource} would be locked by task {first} and task {second} at once: try again when one has ended',
  ),
  RESOURCES_MISSING: entry(
    Errno.EBUSY,
    'Resource deadlock avoided, missing resources: {resources}',
  ),
  RESOURCES_NOT_FREE: entry(
    Errno.EBUSY,
    'Subtask needs what its parent has not locked and is not free: {resources}',
  ),
  TASK_UNKNOWN: entry(Errno.EINVAL, 'Unknown task type {task}'),
  TASK_GONE: entry(Errno.ENOENT, 'Task type {task} is not registered any more'),
  TASK_ABORTED: entry(Errno.ECANCELED, 'Task {id} ({task}) was aborted'),
  TASK_TIMEOUT: entry(Errno.ETIMEDOUT, 'Task did not end within {seconds} s'),
  TASK_VERIFY_TIMEOUT: entry(Errno.ETIMEDOUT, 'verify did not end within {seconds} s'),
  TASK_EXECUTOR_DIED: entry(Errno.EFAULT, 'Task executor died'),
  TASK_RESULT_INVALID: entry(Errno.EFAULT, 'The result of the task does not fit its schema'),
  TASK_RESULT_UNUSABLE: entry(Errno.EFAULT, 'The result of the task cannot be kept: {cause}'),
  TASK_SERVER_DIED: entry(Errno.EINTR, 'dispatcher process died'),
  TASK_NODE_LOST: entry(Errno.EINTR, 'node {node} was lost'),
  TASK_NO_NODE: entry(Errno.ENOENT, 'No node {node} that could run the task'),
  TASK_SECRETS_LOST: entry(
    Errno.EFAULT,
    'The passwords of the task cannot be read: the key file in the state folder is another',
  ),
  TASK_KEY_IN_USE: entry(
    Errno.EEXIST,
    'Idempotency key {key} stands for task {id}, which has another name or other arguments',
  ),
  TASKS_STOPPING: entry(Errno.ECANCELED, 'The server is shutting down: no task is accepted'),
  TASK_ENVIRONMENT_TOO_LARGE: entry(
    Errno.EINVAL,
    'A task takes an environment of at most {limit} {what}',
  ),
  TASK_KEY_TOO_LONG: entry(Errno.EINVAL, 'An idempotency key has at most {limit} characters'),
  RUN_AS_REFUSED: entry(Errno.EPERM, 'Only a service may submit a task with RUN_AS_USER'),
  NOT_FROM_VERIFY: entry(Errno.EOPNOTSUPP, 'verify may not start subtasks: run may'),
  PARENT_ENDED: entry(Errno.ECANCELED, 'Task {id} is ending: it can start no subtask any more'),
  TASK_NOT_FOUND: entry(Errno.ENOENT, 'No such task'),
  TASK_FIELD_HIDDEN: entry(
    Errno.EINVAL,
    'Field {field} of a task is not shown, and nothing can be asked by it',
  ),
  TASK_HOOK_INVALID: entry(
    Errno.EINVAL,
    'Hook {hook} is none: use the name of a task with :before, :after or :error',
  ),
  NOT_FROM_A_TASK: entry(Errno.EOPNOTSUPP, 'A task may not use {method}: call it in init'),
  SERVER_STOPPING: entry(Errno.ECANCELED, 'The server is shutting down'),
  CALL_CANCELED: entry(Errno.ECANCELED, 'Call was canceled'),
  INTERNAL: entry(Errno.EFAULT, 'Internal error (reference {reference})'),
  RESULT_INVALID: entry(Errno.EFAULT, 'Internal error (reference {reference})'),
} as const satisfies Record<string, CatalogEntry>;

export type ErrorKey = keyof typeof ERROR_CATALOG;

/** Aside from the errors, because it is nothing for the wire. */
const KEYS = new WeakMap<RpcException, ErrorKey>();

/** How much of a name is repeated to who sent it. */
const MAX_QUOTED = 256;

function shortened(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}

/**
 * The error of the catalogue, its placeholders filled.
 *
 * @example
 * throw coded('SERVICE_NOT_FOUND', { service: 'user' });
 */
export function coded(
  key: ErrorKey,
  parameters: Readonly<Record<string, string | number>> = {},
  extra?: unknown,
): RpcException {
  const { errno, template } = ERROR_CATALOG[key];
  const message = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    shortened(String(parameters[name] ?? (name === 'hint' ? '' : undefined))),
  );
  const error = new RpcException(errno, message, extra);
  KEYS.set(error, key);
  return error;
}

/** An error that was made elsewhere, from the catalogue there. */
export function keyed(error: RpcException, key: string | null): RpcException {
  if (key !== null && Object.hasOwn(ERROR_CATALOG, key)) KEYS.set(error, key as ErrorKey);
  return error;
}

/** Which error of the catalogue it is; null for one that was made otherwise. */
export function keyOf(error: RpcException): ErrorKey | null {
  return KEYS.get(error) ?? null;
}
