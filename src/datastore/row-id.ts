import { randomUUID } from 'node:crypto';
import { Errno } from '../common/index.js';
import { type CollectionInfo, DatastoreException, type RowId } from '../sdk/datastore.js';

const MAX_LENGTH = 500;
const UNFIT = /\0|\p{Surrogate}/u;

/**
 * The id for a new row: the document's own, else a fresh one; null lets the store number it.
 *
 * @throws DatastoreException EINVAL when the collection cannot take the id
 */
export function idForInsert(collection: CollectionInfo, given: unknown): RowId | null {
  if (given !== undefined && given !== null) return assertId(collection, given);
  switch (collection.key) {
    case 'uuid':
      return randomUUID();
    case 'serial':
      return null;
    case 'given':
      throw refuse(collection, 'a new row needs an id');
  }
}

export function assertId(collection: CollectionInfo, id: unknown): RowId {
  if (!isRowId(id)) {
    throw refuse(collection, `an id is an integer or text of 1 to ${MAX_LENGTH} characters`);
  }
  if (collection.key === 'serial' && (typeof id !== 'number' || id < 1)) {
    throw refuse(collection, 'its ids are positive integers');
  }
  return id;
}

/** Whether a row can have this id at all; a lookup with another finds nothing instead of failing. */
export function isRowId(id: unknown): id is RowId {
  if (typeof id === 'number') return Number.isSafeInteger(id);
  return typeof id === 'string' && id !== '' && id.length <= MAX_LENGTH && !UNFIT.test(id);
}

function refuse({ name }: CollectionInfo, reason: string): DatastoreException {
  return new DatastoreException(Errno.EINVAL, `Collection ${name}: ${reason}`);
}
