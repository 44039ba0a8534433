/**
 * The face of this folder for code that also runs in a browser: what is exported here, and all that
 * it imports, uses nothing of Node. A test of `client` holds it to that.
 */
export { abortable, onAbort } from './abortable.js';
export { AsyncQueue } from './async-queue.js';
export { namesNoDay } from './calendar.js';
export { deferred } from './deferred.js';
export { Errno, errnoName, type ErrnoName } from './errno.js';
export { EXIT } from './exit-status.js';
export { isDispatcherError, messageOf, RpcException, type WireError } from './errors.js';
export {
  decodeExtended,
  Password,
  readExtended,
  stringifyExtended,
  stringifyWithSecrets,
} from './extended-values.js';
export { compileMask, MAX_MASK_LENGTH, type MaskMatcher } from './mask.js';
export { GROUP_OPERATORS, OPERATORS } from './query/filter.js';
