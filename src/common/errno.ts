/**
 * The error numbers of the wire contract: Linux errno values on every platform, so that a client
 * never has to ask which system the server runs on. This is the one table; nothing else in the
 * project spells a number.
 *
 * @example
 * throw new RpcException(Errno.ENOENT, 'Volume tank not found');
 */
export enum Errno {
  EPERM = 1,
  ENOENT = 2,
  EINTR = 4,
  EIO = 5,
  EACCES = 13,
  EFAULT = 14,
  EBUSY = 16,
  EEXIST = 17,
  EINVAL = 22,
  ENOSPC = 28,
  EBADMSG = 74,
  EOVERFLOW = 75,
  EOPNOTSUPP = 95,
  // eslint-disable-next-line @typescript-eslint/no-duplicate-enum-values -- Linux gives both names one number
  ENOTSUP = 95,
  ECONNABORTED = 103,
  ETIMEDOUT = 110,
  ECANCELED = 125,
}

// Aliases share a number: the first name in the table is the one that goes on the wire.
const NAMES = new Map<number, ErrnoName>();
for (const [name, code] of Object.entries(Errno)) {
  if (typeof code === 'number' && !NAMES.has(code)) NAMES.set(code, name as ErrnoName);
}

/** What an error number can be called. */
export type ErrnoName = keyof typeof Errno | 'EUNKNOWN';

/** The symbol of an error number, `EUNKNOWN` for one outside the table. `errnoName(2) // 'ENOENT'` */
export function errnoName(code: number): ErrnoName {
  return NAMES.get(code) ?? 'EUNKNOWN';
}
