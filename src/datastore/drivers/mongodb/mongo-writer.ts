import { mongo } from 'mongoose';
import { Errno } from '../../../common/index.js';
import {
  type CollectionInfo,
  DatastoreException,
  DuplicateKeyException,
  type RowId,
} from '../../../sdk/datastore.js';
import { assertDocumentSize } from '../../document.js';
import type { Fields, WriteGuard, WriteOutcome, WriteStep } from '../../driver.js';
import { type BsonFields, type BsonRow, decodeRow, encodeFields } from './bson-format.js';
import { nameBrokenKey, type RefusedWrite } from './broken-key.js';
import type { Context, MongoSession } from './mongo-session.js';
import { SerialIds } from './serial-ids.js';
import type { Terms } from './terms.js';

type NumberedStep = Exclude<WriteStep, { kind: 'insert' }> | NumberedInsert;
type NumberedInsert = Extract<WriteStep, { kind: 'insert' }> & { readonly id: RowId };

/**
 * Carries out write steps: one by one where a single step is atomic by itself, in a transaction where
 * there are several or a guard.
 */
export class MongoWriter {
  readonly #serials: SerialIds;
  readonly #terms: Terms;

  constructor(
    private readonly session: MongoSession,
    { serials, terms }: { readonly serials: SerialIds; readonly terms: Terms },
  ) {
    this.#serials = serials;
    this.#terms = terms;
  }

  /** @throws StoreTakenException, and then nothing was changed */
  write(steps: readonly WriteStep[], guard?: WriteGuard): Promise<readonly WriteOutcome[]> {
    if (guard === undefined) return this.#write(steps);
    return this.#terms.change(guard, async (context) => {
      if (context.session === undefined) return this.#write(steps);
      return this.#all(await this.#number(steps), context);
    });
  }

  async #write(steps: readonly WriteStep[]): Promise<readonly WriteOutcome[]> {
    const numbered = await this.#number(steps);
    const [only] = numbered;
    if (only !== undefined && numbered.length === 1) return [await this.#step(only, {})];
    if (!this.session.hasTransactions) return this.#writeWithUndo(numbered);
    return this.#transaction((context) => this.#all(numbered, context));
  }

  /** Numbers are taken before anything is written: a gap does no harm, a number used twice does. */
  async #number(steps: readonly WriteStep[]): Promise<NumberedStep[]> {
    const numbered: NumberedStep[] = [];
    for (const step of steps) {
      if (step.kind !== 'insert' && step.kind !== 'upsert') numbered.push(step);
      else numbered.push({ ...step, id: await this.#serials.settle(step) });
    }
    return numbered;
  }

  async #transaction<T>(work: (context: Context) => Promise<T>): Promise<T> {
    const session = this.session.connection.getClient().startSession();
    try {
      return await session.withTransaction(() => work({ session }));
    } finally {
      await session.endSession();
    }
  }

  /** Neighbouring inserts into one collection travel as one command. */
  async #all(steps: readonly NumberedStep[], context: Context): Promise<WriteOutcome[]> {
    const outcomes: WriteOutcome[] = [];
    for (const run of runsOfInserts(steps)) {
      const [first] = run;
      if (first === undefined) continue;
      if (first.kind === 'insert') {
        await this.#insertAll(run as readonly NumberedInsert[], context);
        outcomes.push(...run.map(({ id }): WriteOutcome => ({ kind: 'inserted', id })));
      } else {
        outcomes.push(await this.#step(first, context));
      }
    }
    return outcomes;
  }

  /**
   * Without transactions (a server that stands alone) a batch that is refused takes back what it did.
   * A crash in the middle leaves part of it: docs/datastore.md tells operators to run a replica set.
   */
  async #writeWithUndo(steps: readonly NumberedStep[]): Promise<WriteOutcome[]> {
    const undo: (() => Promise<unknown>)[] = [];
    const outcomes: WriteOutcome[] = [];
    try {
      for (const step of steps) {
        const rows = this.session.rows(step.collection.name);
        const before = await rows.findOne({ _id: step.id });
        outcomes.push(await this.#step(step, {}));
        undo.push(() =>
          before === null
            ? rows.deleteOne({ _id: step.id })
            : rows.replaceOne({ _id: step.id }, before, { upsert: true }),
        );
      }
      return outcomes;
    } catch (error) {
      for (const takeBack of undo.reverse()) await takeBack();
      throw error;
    }
  }

  #step(step: NumberedStep, context: Context): Promise<WriteOutcome> {
    return this.session.within(context, step.collection.name, async () => {
      switch (step.kind) {
        case 'insert':
          await this.#insertAll([step], context);
          return { kind: 'inserted', id: step.id };
        case 'update':
          return this.#modify(step, setFields(step.collection, step.fields), context);
        case 'replace':
        case 'upsert':
          return this.#modify(step, replacement(step), context);
        case 'delete': {
          const rows = this.session.rows(step.collection.name);
          const { deletedCount } = await rows.deleteOne({ _id: step.id }, context);
          return { kind: 'deleted', found: deletedCount > 0 };
        }
      }
    });
  }

  async #insertAll(steps: readonly NumberedInsert[], context: Context): Promise<void> {
    const collection = steps[0]?.collection;
    if (collection === undefined) return;
    const documents = steps.map(({ id, fields }) => ({
      _id: id,
      ...measured(collection, encodeFields(fields)),
    }));
    const [only] = documents;
    await this.session.within(context, collection.name, async () => {
      const rows = this.session.rows(collection.name);
      if (only !== undefined && documents.length === 1) await rows.insertOne(only, context);
      else await rows.insertMany(documents, context);
    });
  }

  async #modify(
    step: Exclude<NumberedStep, { kind: 'insert' | 'delete' }>,
    change: mongo.UpdateFilter<BsonRow> | mongo.Document[],
    context: Context,
  ): Promise<WriteOutcome> {
    const options = {
      ...context,
      upsert: step.kind === 'upsert',
      returnDocument: 'after',
    } as const;
    const row = await modifyRow(this.session, step, context, (rows) =>
      rows.findOneAndUpdate({ _id: step.id }, change, options),
    );
    if (row === null) throw missingRow(step.collection, step.id);
    return { kind: 'written', row: decodeRow(row) };
  }
}

/** Runs a change of one row; a broken unique key comes out with its fields. */
export async function modifyRow<T>(
  session: MongoSession,
  write: RefusedWrite,
  context: Context,
  change: (rows: mongo.Collection<BsonRow>) => Promise<T>,
): Promise<T> {
  const rows = session.rows(write.collection.name);
  try {
    return await session.within(context, write.collection.name, () => change(rows));
  } catch (error) {
    const isNameless = error instanceof DuplicateKeyException && error.extra.fields.length === 0;
    throw isNameless ? await nameBrokenKey(error, rows, write) : error;
  }
}

/** The update that patches top-level fields. */
export function setFields(collection: CollectionInfo, fields: Fields): mongo.UpdateFilter<BsonRow> {
  return { $set: measured(collection, encodeFields(fields)) };
}

/** The update that puts a document in place of a row, but for its sticky fields. */
function replacement({
  collection,
  fields,
  sticky,
}: WriteStep & { readonly kind: 'replace' | 'upsert' }): mongo.Document[] {
  const kept = Object.entries(encodeFields(sticky)).map(([key, value]) => [
    key,
    { $ifNull: [`$${key}`, { $literal: value }] },
  ]);
  const document = measured(collection, encodeFields(fields));
  return [{ $replaceWith: { $mergeObjects: [Object.fromEntries(kept), { $literal: document }] } }];
}

function measured(collection: CollectionInfo, document: BsonFields): BsonFields {
  assertDocumentSize(collection.name, mongo.BSON.calculateObjectSize(document));
  return document;
}

function runsOfInserts(steps: readonly NumberedStep[]): NumberedStep[][] {
  const runs: NumberedStep[][] = [];
  for (const step of steps) {
    const last = runs.at(-1)?.at(-1);
    const continues =
      step.kind === 'insert' &&
      last?.kind === 'insert' &&
      last.collection.name === step.collection.name;
    if (continues) runs.at(-1)?.push(step);
    else runs.push([step]);
  }
  return runs;
}

function missingRow({ name }: CollectionInfo, id: RowId): DatastoreException {
  return new DatastoreException(Errno.ENOENT, `Collection ${name}: no row with id ${id}`, {
    collection: name,
    id,
  });
}
