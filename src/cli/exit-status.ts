import { Errno, isDispatcherError } from '../common/index.js';

/** With what the command ends, so that scripts can tell why it failed. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  unreachable: 4,
  timedOut: 5,
  problems: 7,
  interrupted: 130,
} as const;

/** The words of the command line do not fit: the message says what would. */
export class UsageError extends Error {}

/** Nobody answers at the server's address, or the connection broke. */
export class UnreachableError extends Error {}

const REFUSALS: ReadonlySet<number> = new Set([Errno.EACCES, Errno.EPERM]);

export function exitStatusOf(error: unknown): number {
  if (error instanceof UsageError || isArgumentError(error)) return EXIT.usage;
  if (error instanceof UnreachableError) return EXIT.unreachable;
  if (!isDispatcherError(error)) return EXIT.failed;
  if (REFUSALS.has(error.code)) return EXIT.refused;
  return error.code === Errno.ETIMEDOUT ? EXIT.timedOut : EXIT.failed;
}

/** What `parseArgs` of Node throws. */
function isArgumentError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^ERR_PARSE_ARGS_/.test(String(error.code));
}
