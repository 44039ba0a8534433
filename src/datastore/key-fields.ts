import { Errno } from '../common/index.js';
import { type FieldPath, parseFieldPath, Rank, rankOf } from '../common/query/index.js';
import { type CollectionInfo, DatastoreException } from '../sdk/datastore.js';
import { keyFieldsOf } from './definition.js';
import type { Fields } from './driver.js';

/**
 * Checks that what a document holds under indexed fields is scalar. An index over arrays would mean
 * something else in every store: one entry per element here, the whole array there.
 *
 * @throws DatastoreException EINVAL naming the field
 */
export function assertKeyFields(collection: CollectionInfo, fields: Fields): void {
  for (const [field, path] of pathsOf(collection)) {
    const unfit = findUnfit(fields, path);
    if (unfit === null) continue;
    throw new DatastoreException(
      Errno.EINVAL,
      `Collection ${collection.name}: field ${field} is indexed and takes no ${unfit}`,
    );
  }
}

/** Of each definition, worked out once: it is asked for with every row. */
const known = new WeakMap<CollectionInfo, ReadonlyMap<string, FieldPath>>();

function pathsOf(collection: CollectionInfo): ReadonlyMap<string, FieldPath> {
  let paths = known.get(collection);
  if (paths === undefined) {
    paths = new Map([...keyFieldsOf(collection)].map((field) => [field, parseFieldPath(field)]));
    known.set(collection, paths);
  }
  return paths;
}

function findUnfit(fields: Fields, path: FieldPath): string | null {
  let value: unknown = fields;
  for (let depth = 0; depth < path.length; depth += 1) {
    const segment = path[depth] ?? '';
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return null;
    value = (value as Record<string, unknown>)[segment];
    const isLast = depth === path.length - 1;
    switch (rankOf(value)) {
      case Rank.Array:
        return 'array';
      case Rank.Binary:
        return 'binary data';
      case Rank.Object:
        if (isLast) return 'object';
        break;
      default:
        break;
    }
  }
  return null;
}
