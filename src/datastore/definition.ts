import { Errno } from '../common/index.js';
import {
  type CollectionInfo,
  type CollectionOptions,
  DatastoreException,
  type KeyFields,
} from '../sdk/datastore.js';
import { normaliseDocument } from './document.js';

const NAME = /^(?!system\.)[a-z][a-z0-9_.-]{0,62}$/; // system. is MongoDB's own
const FIELD = /^[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*$/;
const MAX_FIELDS = 8;

/** @throws DatastoreException EINVAL: a name becomes part of a table's name in every store */
export function assertCollectionName(name: string): void {
  if (NAME.test(name)) return;
  throw new DatastoreException(
    Errno.EINVAL,
    `Collection name '${name.slice(0, 80)}' is not valid: use a-z, 0-9, '_', '.', '-', a letter first, 63 at most`,
  );
}

/**
 * The definition that results from what is there and what is asked for.
 *
 * @throws DatastoreException EINVAL for a malformed index or an attempt to change the key policy
 */
export function defineCollection(
  name: string,
  options: CollectionOptions,
  present: CollectionInfo | undefined,
): CollectionInfo {
  const key = options.key ?? present?.key ?? 'uuid';
  if (present !== undefined && present.key !== key) {
    throw new DatastoreException(
      Errno.EINVAL,
      `Collection ${name} has ${present.key} keys, not ${key}: dump it, drop it and restore it to change that`,
    );
  }
  return {
    name,
    key,
    unique: (options.unique ?? []).map((fields) => keyFields(name, fields)),
    indexes: (options.indexes ?? []).map((fields) => keyFields(name, fields)),
    timestamps: options.timestamps ?? present?.timestamps ?? 'kept',
    attributes: normaliseDocument(name, options.attributes ?? present?.attributes ?? {}),
    migrations: present?.migrations ?? [],
    ...(present?.hasPasswords === true && { hasPasswords: true }),
  };
}

function keyFields(collection: string, fields: KeyFields): readonly string[] {
  const list = typeof fields === 'string' ? [fields] : [...fields];
  const bad = list.find((field) => !FIELD.test(field) || field === 'id');
  if (bad !== undefined || list.length === 0 || list.length > MAX_FIELDS) {
    throw new DatastoreException(
      Errno.EINVAL,
      `Collection ${collection}: '${bad ?? list.join(', ')}' cannot be indexed: name 1 to ${MAX_FIELDS} fields of letters, digits, '_' and '-', joined by dots`,
    );
  }
  return list;
}

/** Every field that takes part in a unique key or an index. */
export function keyFieldsOf(collection: CollectionInfo): ReadonlySet<string> {
  return new Set([...collection.unique, ...collection.indexes].flat());
}
