import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { CollectionInfo } from '../../sdk/datastore.js';
import type { DocumentStore } from '../document-store.js';
import { type DumpLine, formatLine, HEADER } from './dump-format.js';

/**
 * Writes a store, or some of its collections, as JSON lines. Rows that change meanwhile are in the
 * dump as they were before or after; stop the server for a dump of one moment.
 *
 * @returns how many rows were written
 * @throws DatastoreException ENOENT for a collection that is not there
 */
export async function dump(
  store: DocumentStore,
  output: Writable,
  names?: readonly string[],
): Promise<number> {
  const collections = await wantedCollections(store, names);
  const write = async (line: DumpLine): Promise<void> => {
    if (!output.write(formatLine(line))) await once(output, 'drain');
  };
  await write(HEADER);
  let rows = 0;
  for (const collection of collections) {
    await write({ collection, lastSerial: await store.lastSerial(collection) });
    for await (const row of store.queryStream(collection.name)) {
      await write({ row });
      rows += 1;
    }
  }
  if (names === undefined) {
    await write({ counters: Object.fromEntries(await store.listCounters()) });
  }
  await write({ end: { rows } });
  return rows;
}

async function wantedCollections(
  store: DocumentStore,
  names: readonly string[] | undefined,
): Promise<readonly CollectionInfo[]> {
  if (names === undefined) return store.listCollections();
  return Promise.all(names.map((name) => store.collection(name)));
}
