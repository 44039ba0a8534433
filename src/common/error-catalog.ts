import { Errno } from './errno.js';
import { RpcException } from './errors.js';

interface CatalogEntry {
  readonly errno: Errno;
  /** Text with `{placeholders}` filled from the parameters of {@link coded}. */
  readonly template: string;
  readonly fault: 'caller' | 'server';
}

const caller = (errno: Errno, template: string): CatalogEntry => ({
  errno,
  template,
  fault: 'caller',
});
const server = (errno: Errno, template: string): CatalogEntry => ({
  errno,
  template,
  fault: 'server',
});

/**
 * Every error that the server itself raises towards a client. docs/errors.md is the same table in
 * prose; a test compares the two.
 */
export const ERROR_CATALOG = {
  REQUEST_NOT_JSON: caller(Errno.EINVAL, 'Request is not valid JSON'),
  INVALID_REQUEST: caller(Errno.EINVAL, 'Invalid request'),
  MALFORMED_REQUEST: caller(Errno.EINVAL, 'Malformed request'),
  REQUEST_ID_IN_USE: caller(Errno.EEXIST, 'Request id already in use'),
  TOO_MANY_REQUESTS: caller(Errno.EBUSY, 'Number of simultaneous requests exceeded'),
  INVALID_CALL: caller(Errno.ENOENT, 'Invalid call'),
  INVALID_FUNCTION_PATH: caller(Errno.EINVAL, 'Invalid function path'),
  SERVICE_NOT_FOUND: caller(Errno.ENOENT, 'Service {service} not found'),
  METHOD_NOT_FOUND: caller(Errno.ENOENT, 'Method not found'),
  NOT_LOGGED_IN: caller(Errno.EACCES, 'Not logged in'),
  INSUFFICIENT_PRIVILEGES: caller(Errno.EACCES, 'Insufficient privileges'),
  BAD_CREDENTIALS: caller(Errno.EACCES, 'Incorrect username or password'),
  BAD_TOKEN: caller(Errno.EACCES, 'Incorrect or expired token'),
  NOT_AUTHORIZED: caller(Errno.EACCES, 'Not authorized'),
  ARGUMENTS_INVALID: caller(
    Errno.EINVAL,
    'One or more passed arguments failed schema verification',
  ),
  ARGUMENTS_NOT_NAMED: caller(
    Errno.EINVAL,
    'Method {method} takes its arguments by position only: pass an array',
  ),
  SCHEMA_NOT_REGISTERED: caller(Errno.EINVAL, 'Schema definition {name} is not registered'),
  VALUE_TOO_DEEP: caller(Errno.EINVAL, 'Value is nested too deeply'),
  INVALID_FEATURE: caller(Errno.EINVAL, 'Invalid feature {feature}'),
  INVALID_LOG_LEVEL: caller(Errno.EINVAL, 'Invalid logging level {level}: use one of {levels}'),
  PLUGIN_NOT_FOUND: caller(Errno.ENOENT, 'Plugin {plugin} not found'),
  PLUGIN_LOAD_FAILED: caller(Errno.EFAULT, 'Plugin {plugin} failed at stage {stage}: {cause}'),
  SESSION_NOT_FOUND: caller(Errno.ENOENT, 'Session {session} not found'),
  SERVICE_UNAVAILABLE: caller(
    Errno.EBUSY,
    'Service {service} is being reloaded and was not ready within {seconds} s',
  ),
  RESERVED_EVENT: caller(Errno.EPERM, 'Events named {name} belong to the server'),
  CALL_CANCELED: caller(Errno.ECANCELED, 'Call was canceled'),
  INTERNAL: server(Errno.EFAULT, 'Internal error (reference {reference})'),
  RESULT_INVALID: server(Errno.EFAULT, 'Internal error (reference {reference})'),
} as const satisfies Record<string, CatalogEntry>;

export type ErrorKey = keyof typeof ERROR_CATALOG;

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
  const message = template.replace(/\{(\w+)\}/g, (_, name: string) => String(parameters[name]));
  return new RpcException(errno, message, extra);
}
