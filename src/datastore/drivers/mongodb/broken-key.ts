import type { mongo } from 'mongoose';
import { parseFieldPath, readField } from '../../../common/query/index.js';
import { type CollectionInfo, DuplicateKeyException, type RowId } from '../../../sdk/datastore.js';
import type { Fields } from '../../driver.js';
import { type BsonRow, decodeRow, encodePath } from './bson-format.js';

/** A write that was refused: what it wanted to put where. */
export interface RefusedWrite {
  readonly collection: CollectionInfo;
  /** Null when the row is only known to pass a filter. */
  readonly id: RowId | null;
  readonly fields: Fields;
}

/**
 * The same exception with the fields filled in, where the server did not say which key was broken.
 * Not every server that speaks MongoDB's protocol does.
 */
export async function nameBrokenKey(
  error: DuplicateKeyException,
  rows: mongo.Collection<BsonRow>,
  write: RefusedWrite,
): Promise<DuplicateKeyException> {
  const { unique, name } = write.collection;
  const [only] = unique;
  if (only !== undefined && unique.length === 1) return new DuplicateKeyException(name, only);
  const before = write.id === null ? null : await rows.findOne({ _id: write.id });
  const after = { ...(before === null ? {} : decodeRow(before)), ...write.fields };
  for (const fields of unique) {
    const values = fields.map((field) => [field, readField(after, parseFieldPath(field))] as const);
    if (values.some(([, value]) => value === null)) continue;
    const taken = values.map(([field, value]) => [encodePath(parseFieldPath(field)), value]);
    const query = { ...Object.fromEntries(taken), _id: { $ne: write.id } } as mongo.Filter<BsonRow>;
    if ((await rows.countDocuments(query, { limit: 1 })) > 0) {
      return new DuplicateKeyException(name, fields);
    }
  }
  return error; // the other row is gone by now
}
