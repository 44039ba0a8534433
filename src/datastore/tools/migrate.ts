import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Errno, messageOf } from '../../common/index.js';
import {
  type Datastore,
  DatastoreException,
  type Document,
  type StoredRow,
} from '../../sdk/datastore.js';
import type { DocumentStore } from '../document-store.js';

/**
 * One change of the rows of a collection: a file `<collection>/<name>.js` whose default export is
 * this. `probe` says whether a row still needs the change, which makes an interrupted run resumable;
 * `apply` returns the row as it is to be, or null to delete it.
 *
 * @example
 * // migrations/users/0001-lower-case.js
 * export default {
 *   probe: (row) => row.username !== row.username.toLowerCase(),
 *   apply: (row) => ({ ...row, username: row.username.toLowerCase() }),
 * };
 */
interface Migration {
  probe(row: StoredRow, store: Datastore): boolean | Promise<boolean>;
  apply(row: StoredRow, store: Datastore): Document | null | Promise<Document | null>;
}

export interface NamedMigration {
  readonly collection: string;
  readonly name: string;
  readonly migration: Migration;
}

/** What became of a migration. */
export interface MigrationReport {
  readonly collection: string;
  readonly name: string;
  readonly outcome: 'applied' | 'recorded before';
  readonly changed: number;
}

/**
 * Applies what is not recorded yet, in order, and records it. A row that fails stops the run; what
 * was done stays done, and the next run goes on there.
 *
 * @throws DatastoreException EFAULT naming collection, migration and row
 */
export async function* migrate(
  store: DocumentStore,
  migrations: readonly NamedMigration[],
): AsyncGenerator<MigrationReport> {
  for (const { collection: name, name: step, migration } of migrations) {
    const collection = await store.collection(name);
    if (collection.migrations.includes(step)) {
      yield { collection: name, name: step, outcome: 'recorded before', changed: 0 };
      continue;
    }
    const changed = await applyToRows(store, { collection: name, name: step, migration });
    await store.saveDefinition({
      ...collection,
      migrations: [...collection.migrations, step],
    });
    yield { collection: name, name: step, outcome: 'applied', changed };
  }
}

/** The migrations below a folder: by collection, then by name. */
export async function loadMigrations(folder: string): Promise<NamedMigration[]> {
  const found: NamedMigration[] = [];
  for (const collection of await names(folder)) {
    for (const file of await names(join(folder, collection))) {
      if (!/\.[cm]?js$/.test(file)) continue;
      const path = join(folder, collection, file);
      const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
      const migration = module.default;
      if (!isMigration(migration)) {
        throw new DatastoreException(
          Errno.EINVAL,
          `Migration ${path}: the default export needs probe and apply`,
        );
      }
      found.push({ collection, name: file.replace(/\.[cm]?js$/, ''), migration });
    }
  }
  return found;
}

async function applyToRows(store: DocumentStore, named: NamedMigration): Promise<number> {
  let changed = 0;
  for await (const row of store.queryStream(named.collection)) {
    try {
      if (await applyToRow(store, row, named)) changed += 1;
    } catch (cause) {
      throw new DatastoreException(
        Errno.EFAULT,
        `Migration ${named.name} of ${named.collection} failed at row ${row.id}: ${messageOf(cause)}`,
        { ...named, migration: undefined, id: row.id },
        { cause },
      );
    }
  }
  return changed;
}

async function applyToRow(
  store: DocumentStore,
  row: StoredRow,
  { collection, migration }: NamedMigration,
): Promise<boolean> {
  if (!(await migration.probe(row, store))) return false;
  const result = await migration.apply(row, store);
  if (result === null) await store.delete(collection, row.id);
  else await store.replace(collection, row.id, result);
  return true;
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith('.')).toSorted();
}

function isMigration(value: unknown): value is Migration {
  const candidate = value as Partial<Migration> | null | undefined;
  return typeof candidate?.probe === 'function' && typeof candidate.apply === 'function';
}
