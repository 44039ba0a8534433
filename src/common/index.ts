/**
 * Pure building blocks: error numbers and errors, masks, extended values, names. Knows nothing of
 * Nest, does no I/O, imports no other folder; every other folder may use it.
 */
export { abortable, onAbort } from './abortable.js';
export { AsyncQueue } from './async-queue.js';
export { assertNever } from './assert-never.js';
export { type Cause, currentCause, newCause, presentCause, withCause } from './cause.js';
export { namesNoDay } from './calendar.js';
export { type Deferred, deferred } from './deferred.js';
export { Errno, errnoName } from './errno.js';
export { EXIT } from './exit-status.js';
export { coded, ERROR_CATALOG, type ErrorKey, keyed, keyOf } from './error-catalog.js';
export {
  isDispatcherError,
  messageOf,
  RetryableException,
  RpcException,
  TaskException,
  ValidationException,
  VerifyException,
  type ValidationError,
} from './errors.js';
export { holdsHugeNumber, numberFault, numberFaults } from './json-numbers.js';
export { HTTP_STATUS } from './http-status.js';
export { isObject, isRecord, isThenable } from './is-object.js';
export { JsonText } from './json-text.js';
export { compileMask, isPattern, MAX_MASK_LENGTH, type MaskMatcher } from './mask.js';
export { SERVER_NAME, toSnakeCase } from './names.js';
export {
  decodeExtended,
  encodeExtended,
  encodeWithSecrets,
  holdsPassword,
  leastLength,
  MAX_VALUE_DEPTH,
  Password,
  readExtended,
  stringifyExtended,
  stringifyWithin,
  stringifyWithSecrets,
  wireCopy,
} from './extended-values.js';
export { describeUnfit } from './unfit-value.js';
export { OwnedTable } from './owned-table.js';
export { bearerTokenOf } from './bearer-token.js';
export { isOwnRequest, isSameOrigin } from './host-header.js';
export {
  addressGroup,
  canonicalAddress,
  isListed,
  isLoopbackAddress,
  networkList,
  plainAddress,
} from './peer-address.js';
export { isPlainRequest } from './plain-request.js';
export { mapFields, mapItems } from './map-changed.js';
export { setField, withFields } from './set-field.js';
