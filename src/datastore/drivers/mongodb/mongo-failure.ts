import { Errno } from '../../../common/index.js';
import { DatastoreException, DuplicateKeyException } from '../../../sdk/datastore.js';
import { type Address, redact } from './address.js';

/** MongoDB's codes that mean something to us. */
const MEANINGS = new Map<number, { readonly errno: Errno; readonly text: string }>([
  [13, { errno: Errno.EACCES, text: 'the account may not do this' }],
  [18, { errno: Errno.EACCES, text: 'the login was refused' }],
  [8000, { errno: Errno.EACCES, text: 'the login was refused' }],
  [10334, { errno: Errno.EOVERFLOW, text: 'the row is too big' }],
  [17280, { errno: Errno.EINVAL, text: 'a value is too long to be indexed' }],
  [14031, { errno: Errno.ENOSPC, text: 'the disk is full' }],
]);

const DUPLICATE = 11_000;

const UNREACHABLE: ReadonlySet<string> = new Set([
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'PoolClearedError',
  'MongoPoolClearedError',
  'MongoOperationTimeoutError',
]);

interface MongoFailure {
  readonly name?: string;
  readonly code?: number | string;
  readonly message?: string;
}

/** Turns whatever the technology threw into the exception callers see. `place` names a collection. */
export function toException(error: unknown, address: Address, place: string): DatastoreException {
  if (error instanceof DatastoreException) return error;
  const { name = '', code, message = String(error) } = error as MongoFailure;
  if (code === DUPLICATE) return new DuplicateKeyException(place, duplicateFields(message));
  const where =
    place === '' ? `Datastore ${address.shown}` : `Collection ${place} (${address.shown})`;
  const known = typeof code === 'number' ? MEANINGS.get(code) : undefined;
  if (known !== undefined) return new DatastoreException(known.errno, `${where}: ${known.text}`);
  const text = redact(message, address);
  if (UNREACHABLE.has(name)) {
    return new DatastoreException(Errno.EIO, `${where}: the server cannot be reached: ${text}`);
  }
  if (/Authentication failed/i.test(text)) {
    return new DatastoreException(Errno.EACCES, `${where}: the login was refused`);
  }
  if (name === 'MongoParseError' || name === 'MongoInvalidArgumentError') {
    return new DatastoreException(Errno.EINVAL, `datastore.dsn is malformed: ${text}`);
  }
  return new DatastoreException(Errno.EIO, `${where}: ${text}`);
}

/** The fields of a unique index, which its name spells; none when the server does not name it. */
function duplicateFields(message: string): readonly string[] {
  const name = /index: (\S+)/.exec(message)?.[1] ?? '';
  if (name.startsWith('u:')) return name.slice(2).split(',');
  return name.startsWith('_id_') ? ['id'] : [];
}
