import { Errno } from './errno.js';

/**
 * The status of HTTP that says of a request what the number says of a call; 500 for all others. Who
 * answers requests adds what the number means in its place.
 */
export const HTTP_STATUS: readonly (readonly [Errno, number])[] = [
  [Errno.ENOENT, 404],
  [Errno.EACCES, 403],
  [Errno.EPERM, 403],
  [Errno.EINVAL, 400],
  [Errno.EEXIST, 409],
  [Errno.EBUSY, 409],
  [Errno.EOVERFLOW, 413],
  [Errno.EOPNOTSUPP, 501],
  [Errno.ETIMEDOUT, 504],
];
