import { Errno } from '../common/index.js';
import {
  type CollectionInfo,
  DatastoreException,
  type Document,
  type RowId,
  type WriteOperation,
} from '../sdk/datastore.js';
import { type NormalRow, normaliseRow, type Seal } from './document.js';
import type { Fields, WriteOutcome, WriteStep } from './driver.js';
import { assertKeyFields } from './key-fields.js';
import { assertId, idForInsert } from './row-id.js';

const NONE: Fields = {};

export type Now = () => Date;

interface InCollection {
  readonly collection: CollectionInfo;
}

export interface PreparedPatch extends InCollection {
  readonly fields: Fields;
}

/** Turns what callers ask to write into what drivers write: checked, with id and timestamps. */
export class WritePreparer {
  constructor(
    private readonly now: Now,
    private readonly seal: Seal,
  ) {}

  /**
   * The step's collection is another than the given one if there will be passwords in it from now on.
   *
   * @throws DatastoreException EINVAL for a document, patch or id that cannot be stored
   */
  step(present: CollectionInfo, operation: WriteOperation): WriteStep {
    switch (operation.kind) {
      case 'insert': {
        const { id, fields, collection } = this.#row(present, operation.document);
        const created = sticky(collection, fields);
        return {
          kind: 'insert',
          collection,
          id: idForInsert(collection, id),
          fields: created === NONE ? fields : { ...created, ...fields },
        };
      }
      case 'update': {
        const { id: own, fields, collection } = this.#row(present, operation.patch);
        const id = sameId(collection, operation.id, own);
        return { kind: 'update', collection, id, fields };
      }
      case 'replace':
      case 'upsert': {
        const { id: own, fields, collection } = this.#row(present, operation.document);
        const id = sameId(collection, operation.id, own);
        const { kind } = operation;
        return { kind, collection, id, fields, sticky: sticky(collection, fields) };
      }
      case 'delete':
        return { kind: 'delete', collection: present, id: assertId(present, operation.id) };
    }
  }

  /** The patch of a claim, which knows no id. */
  patch(present: CollectionInfo, patch: Document): PreparedPatch {
    const { id, fields, collection } = this.#row(present, patch);
    if (id !== undefined) throw cannotChangeId(collection);
    return { fields, collection };
  }

  #row(
    present: CollectionInfo,
    document: Document,
  ): Omit<NormalRow, 'hasPasswords'> & InCollection {
    const { hasPasswords, ...row } = normaliseRow(present.name, document, this.seal);
    assertKeyFields(present, row.fields);
    if (present.timestamps !== 'none') row.fields['updated_at'] = this.now();
    const isNews = hasPasswords && present.hasPasswords !== true;
    return { ...row, collection: isNews ? { ...present, hasPasswords: true } : present };
  }
}

/** `created_at`, unless the document brings one, as a restored row does. */
function sticky(collection: CollectionInfo, fields: Fields): Fields {
  if (collection.timestamps === 'none' || fields['created_at'] instanceof Date) return NONE;
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

/** What an operation resolves with. */
export function resultOf(outcome: WriteOutcome): unknown {
  switch (outcome.kind) {
    case 'inserted':
      return outcome.id;
    case 'written':
      return outcome.row;
    case 'deleted':
      return outcome.found;
  }
}
