import { Errno } from '../../../common/index.js';
import { DatastoreException, DuplicateKeyException } from '../../../sdk/datastore.js';
import { rowsTooLarge, StoreTakenException } from '../../driver.js';
import type { Failure } from './messages.js';
import { RowsTooLarge } from './row-budget.js';
import { FileGone } from './store-identity.js';
import { uniqueFieldsOf } from './tables.js';
import { RowMissing, TermOver } from './write-session.js';

/** SQLite's primary result codes that mean something to us. */
const CODES = new Map<number, string>([
  [5, 'BUSY'],
  [6, 'LOCKED'],
  [7, 'NOMEM'],
  [8, 'READONLY'],
  [10, 'IOERR'],
  [11, 'CORRUPT'],
  [13, 'FULL'],
  [14, 'CANTOPEN'],
  [18, 'TOOBIG'],
  [19, 'CONSTRAINT'],
  [26, 'NOTADB'],
]);

/** After these a transaction may be gone: everything in it has failed. */
const FATAL: ReadonlySet<string> = new Set([
  'BUSY',
  'NOMEM',
  'READONLY',
  'IOERR',
  'CORRUPT',
  'FULL',
  'CANTOPEN',
  'NOTADB',
]);

const EXPLANATIONS = new Map<string, { readonly errno: Errno; readonly text: string }>([
  ['BUSY', { errno: Errno.EBUSY, text: 'another process holds the lock on the file' }],
  ['LOCKED', { errno: Errno.EBUSY, text: 'another process holds the lock on the file' }],
  ['READONLY', { errno: Errno.EACCES, text: 'the file or its folder cannot be written' }],
  ['CANTOPEN', { errno: Errno.EACCES, text: 'the file cannot be opened' }],
  ['FULL', { errno: Errno.ENOSPC, text: 'the disk is full' }],
  ['TOOBIG', { errno: Errno.EOVERFLOW, text: 'the row is too big' }],
  ['CORRUPT', { errno: Errno.EIO, text: 'the file is damaged: restore it from a dump' }],
  ['NOTADB', { errno: Errno.EIO, text: 'the file is not a SQLite database, or it is damaged' }],
  ['GONE', { errno: Errno.EIO, text: 'the file was removed or replaced while it was in use' }],
  ['IOERR', { errno: Errno.EIO, text: 'the disk reports an error' }],
]);

/** Runs in a store's thread: what an error of the engine, or one of ours, is to the other side. */
export function toFailure(error: unknown): Failure {
  if (error instanceof RowMissing) {
    return { kind: 'missing', collection: error.collection, id: error.id };
  }
  if (error instanceof TermOver) return { kind: 'taken' };
  if (error instanceof RowsTooLarge) return { kind: 'too-large', maxBytes: error.maxBytes };
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  if (code === 'CONSTRAINT') {
    const collection = /(?:index '|c_)([^'/]*?)(?:\/|\.id\b)/.exec(message)?.[1] ?? '';
    return { kind: 'duplicate', collection, fields: uniqueFieldsOf(message) ?? ['id'] };
  }
  return { kind: 'sqlite', code, message };
}

export function isFatal(failure: Failure): boolean {
  return failure.kind === 'sqlite' && FATAL.has(failure.code);
}

/** Runs in the server's thread: the exception callers see. */
export function toException(failure: Failure, file: string): DatastoreException {
  switch (failure.kind) {
    case 'duplicate':
      return new DuplicateKeyException(failure.collection, failure.fields);
    case 'missing':
      return missingRow(failure.collection, failure.id);
    case 'taken':
      return new StoreTakenException();
    case 'too-large':
      return rowsTooLarge(failure.maxBytes);
    case 'sqlite': {
      const known = EXPLANATIONS.get(failure.code);
      const text = known?.text ?? failure.message;
      return new DatastoreException(
        known?.errno ?? Errno.EIO,
        `Datastore ${file}: ${text}${known === undefined ? '' : ` (${failure.message})`}`,
      );
    }
  }
}

function missingRow(collection: string, id: string | number): DatastoreException {
  return new DatastoreException(Errno.ENOENT, `Collection ${collection}: no row with id ${id}`, {
    collection,
    id,
  });
}

// One engine names the number `errcode`, the other `rawCode`; the low byte is the primary code
function codeOf(error: unknown): string {
  if (error instanceof FileGone) return 'GONE';
  const { errcode, rawCode } = error as { readonly errcode?: number; readonly rawCode?: number };
  return CODES.get((errcode ?? rawCode ?? 0) & 0xff) ?? 'ERROR';
}
