import { getSystemErrorName } from 'node:util';
import type { FileError, Stage } from '../model/index.js';

/** Why a file could not be checked or put in place; its message is the one of the report. */
export class CommitFailure extends Error {
  constructor(
    readonly stage: Stage,
    message: string,
    readonly details: { readonly errno?: number; readonly output?: string } = {},
  ) {
    super(message);
    this.name = 'CommitFailure';
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it: it may be immutable (lsattr shows that)',
  EBUSY: 'it is a mount point; declare writes: in-place',
  ENOTDIR: 'a folder on the way is a symbolic link, which is not followed, or no folder',
  ELOOP: 'a folder on the way is a symbolic link, which is not followed',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'the disk reports an error',
  EMFILE: 'too many files are open',
  EEXIST: 'a file of that name came meanwhile',
};

/** What was tried with which file, when the system said no. */
export function systemFailure(error: unknown, verb: string, path: string): CommitFailure {
  if (error instanceof CommitFailure) return error;
  const { code, errno, message } = error as NodeJS.ErrnoException;
  const reason = REASONS[code ?? ''] ?? (code === undefined ? message : nameOf(code, errno));
  const number = errno === undefined ? undefined : Math.abs(errno);
  return new CommitFailure(
    'commit',
    `Cannot ${verb} ${path}: ${reason}`,
    number === undefined ? {} : { errno: number },
  );
}

const nameOf = (code: string, errno: number | undefined): string =>
  errno === undefined ? code : `error ${getSystemErrorName(errno)}`;

export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException | null)?.code ?? '');
}

/** As a report says it; the words pass `redact`. */
export function fileErrorOf(error: unknown, redact: (text: string) => string): FileError {
  const failure =
    error instanceof CommitFailure ? error : systemFailure(error, 'put in place', 'the file');
  const { errno, output } = failure.details;
  return {
    stage: failure.stage,
    message: redact(failure.message),
    ...(errno === undefined ? {} : { code: errno }),
    ...(output === undefined ? {} : { output: redact(output) }),
  };
}
