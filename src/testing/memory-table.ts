import { stringifyExtended } from '../common/index.js';
import { compareValues, equalValues, parseFieldPath, readField } from '../common/query/index.js';
import { assertDocumentSize, type Fields } from '../datastore/index.js';
import {
  type CollectionInfo,
  DuplicateKeyException,
  type RowId,
  type StoredRow,
} from '../sdk/index.js';

/** The rows of one collection. They are replaced, never changed: a copy of the map is a snapshot. */
export class MemoryTable {
  lastSerial = 0;
  #rows = new Map<RowId, StoredRow>();

  constructor(readonly definition: CollectionInfo) {}

  /** The same rows under another definition. @throws DuplicateKeyException when they break it */
  redefined(definition: CollectionInfo): MemoryTable {
    const copy = new MemoryTable(definition);
    copy.#rows = new Map(this.#rows);
    copy.lastSerial = this.lastSerial;
    for (const row of this.#rows.values()) copy.#assertUnique(row);
    return copy;
  }

  /** In the order of their ids. */
  rows(): StoredRow[] {
    return [...this.#rows.values()].sort((a, b) => compareValues(a.id, b.id));
  }

  get(id: RowId): StoredRow | null {
    return this.#rows.get(id) ?? null;
  }

  /** @throws DatastoreException EEXIST when another row has the same unique key, EOVERFLOW */
  put(id: RowId, fields: Fields): StoredRow {
    const row = { id, ...fields };
    assertDocumentSize(this.definition.name, Buffer.byteLength(stringifyExtended(fields)));
    this.#assertUnique(row);
    this.#rows.set(id, row);
    if (typeof id === 'number') this.lastSerial = Math.max(this.lastSerial, id);
    return row;
  }

  remove(id: RowId): boolean {
    return this.#rows.delete(id);
  }

  /** For {@link restore}, when a step of a batch fails. */
  snapshot(): () => void {
    const rows = new Map(this.#rows);
    const { lastSerial } = this;
    return () => {
      this.#rows = rows;
      this.lastSerial = lastSerial;
    };
  }

  #assertUnique(row: StoredRow): void {
    for (const fields of this.definition.unique) {
      const key = keyOf(row, fields);
      if (key.includes(null)) continue; // such a row is free
      for (const other of this.#rows.values()) {
        if (other.id === row.id || !equalValues(keyOf(other, fields), key)) continue;
        throw new DuplicateKeyException(this.definition.name, fields);
      }
    }
  }
}

function keyOf(row: StoredRow, fields: readonly string[]): readonly unknown[] {
  return fields.map((field) => readField(row, parseFieldPath(field)));
}
