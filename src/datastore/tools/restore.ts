import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Errno } from '../../common/index.js';
import { type CollectionInfo, DatastoreException } from '../../sdk/datastore.js';
import type { DocumentStore } from '../document-store.js';
import { badDump, type DumpLine, HEADER, parseLine } from './dump-format.js';

const BATCH = 500;

export interface RestoreOptions {
  /** What to do with collections of the dump that are in the store already. */
  readonly present: 'refuse' | 'replace';
}

/**
 * Puts a dump into a store: definitions, rows with their ids and timestamps, counters. The whole file
 * is read and checked before anything is written.
 *
 * @returns how many rows were restored
 * @throws DatastoreException EBADMSG for a dump that is damaged or cut off, EEXIST when a collection
 *   is there and may not be replaced
 */
export async function restore(
  store: DocumentStore,
  file: string,
  { present }: RestoreOptions,
): Promise<number> {
  const names = await check(file);
  const there = new Set((await store.listCollections()).map(({ name }) => name));
  const taken = names.filter((name) => there.has(name));
  if (taken.length > 0 && present === 'refuse') throw collectionsPresent(taken);
  for (const name of taken) await store.dropCollection(name);
  const writer = new RowWriter(store);
  for await (const line of readLines(file)) await writer.take(line);
  return writer.rows;
}

/** Reads the file to its end; returns the names of its collections. */
async function check(file: string): Promise<string[]> {
  const names: string[] = [];
  let rows = 0;
  let last: DumpLine | null = null;
  let isFirst = true;
  for await (const line of readLines(file)) {
    if (isFirst && !isHeader(line)) {
      throw badDump('the file is not a dump of this format');
    }
    isFirst = false;
    if ('collection' in line) names.push(line.collection.name);
    if ('row' in line) rows += 1;
    last = line;
  }
  if (last === null || !('end' in last)) throw badDump('the file is cut off');
  if (last.end.rows !== rows) throw badDump(`${last.end.rows} rows were dumped, ${rows} are here`);
  return names;
}

/** What was read may be of any version, whatever its type says. */
function isHeader(line: DumpLine): boolean {
  return JSON.stringify(line) === JSON.stringify(HEADER);
}

async function* readLines(file: string): AsyncGenerator<DumpLine> {
  let number = 0;
  for await (const text of createInterface({
    input: createReadStream(file),
    crlfDelay: Infinity,
  })) {
    number += 1;
    if (text !== '') yield parseLine(text, number);
  }
}

/** Collects rows into batches for the collection that was named last. */
class RowWriter {
  rows = 0;
  #collection: CollectionInfo | null = null;
  #lastSerial: number | null = null;
  #batch: Readonly<Record<string, unknown>>[] = [];

  constructor(private readonly store: DocumentStore) {}

  async take(line: DumpLine): Promise<void> {
    if ('row' in line) {
      this.#batch.push(line.row);
      if (this.#batch.length >= BATCH) await this.#flush();
      return;
    }
    await this.#finishCollection();
    if ('collection' in line) {
      await this.store.saveDefinition(line.collection);
      this.#collection = line.collection;
      this.#lastSerial = line.lastSerial;
    }
    if ('counters' in line) await this.#setCounters(line.counters);
  }

  async #flush(): Promise<void> {
    if (this.#collection === null || this.#batch.length === 0) return;
    await this.store.importRows(this.#collection, this.#batch);
    this.rows += this.#batch.length;
    this.#batch = [];
  }

  async #finishCollection(): Promise<void> {
    await this.#flush();
    if (this.#collection !== null && this.#lastSerial !== null) {
      await this.store.raiseSerial(this.#collection, this.#lastSerial);
    }
    this.#collection = null;
  }

  async #setCounters(counters: Readonly<Record<string, number>>): Promise<void> {
    const present = await this.store.listCounters();
    for (const [name, value] of Object.entries(counters)) {
      await this.store.increment(name, value - (present.get(name) ?? 0));
    }
  }
}

function collectionsPresent(names: readonly string[]): DatastoreException {
  return new DatastoreException(
    Errno.EEXIST,
    `The store has ${names.join(', ')} already: nothing was restored; allow replacing to drop them first`,
    { collections: names },
  );
}
