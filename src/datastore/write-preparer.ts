import { Errno } from '../common/index.js';
import {
  type CollectionInfo,
  DatastoreException,
  type Document,
  type RowId,
  type WriteOperation,
} from '../sdk/datastore.js';
import { normaliseDocument } from './document.js';
import type { Fields, WriteStep } from './driver.js';
import { assertKeyFields } from './key-fields.js';
import { assertId, idForInsert } from './row-id.js';

export type Clock = () => Date;

/** Turns what callers ask to write into what drivers write: checked, with id and timestamps. */
export class WritePreparer {
  constructor(private readonly clock: Clock) {}

  /** @throws DatastoreException EINVAL for a document, patch or id that cannot be stored */
  step(collection: CollectionInfo, operation: WriteOperation): WriteStep {
    switch (operation.kind) {
      case 'insert': {
        const { id, ...fields } = this.#fields(collection, operation.document);
        return {
          kind: 'insert',
          collection,
          id: idForInsert(collection, id),
          fields: { ...sticky(collection, fields), ...fields },
        };
      }
      case 'update': {
        const { id: own, ...fields } = this.#fields(collection, operation.patch);
        const id = sameId(collection, operation.id, own);
        return { kind: 'update', collection, id, fields };
      }
      case 'replace':
      case 'upsert': {
        const { id: own, ...fields } = this.#fields(collection, operation.document);
        const id = sameId(collection, operation.id, own);
        const { kind } = operation;
        return { kind, collection, id, fields, sticky: sticky(collection, fields) };
      }
      case 'delete':
        return { kind: 'delete', collection, id: assertId(collection, operation.id) };
    }
  }

  /** The patch of a claim, which knows no id. */
  patch(collection: CollectionInfo, patch: Document): Fields {
    const fields = this.#fields(collection, patch);
    if ('id' in fields) throw cannotChangeId(collection);
    return fields;
  }

  #fields(collection: CollectionInfo, document: Document): Record<string, unknown> {
    const fields = normaliseDocument(collection.name, document);
    assertKeyFields(collection, fields);
    if (collection.timestamps === 'none') return fields;
    return { ...fields, updated_at: this.clock() };
  }
}

/** `created_at`, unless the document brings one, as a restored row does. */
function sticky(collection: CollectionInfo, fields: Fields): Fields {
  if (collection.timestamps === 'none' || fields['created_at'] instanceof Date) return {};
  return { created_at: fields['updated_at'] };
}

function sameId(collection: CollectionInfo, id: unknown, own: unknown): RowId {
  if (own !== undefined && own !== id) throw cannotChangeId(collection);
  return assertId(collection, id);
}

function cannotChangeId({ name }: CollectionInfo): DatastoreException {
  return new DatastoreException(
    Errno.EINVAL,
    `Collection ${name}: the id of a row cannot change: insert a new row and delete the old one`,
  );
}
