import type { GroupCondition, SortKey } from '../../../common/query/index.js';
import type { CollectionInfo, RowId } from '../../../sdk/datastore.js';
import type { EngineName } from './engine.js';

/**
 * What the server's thread and the store's threads say to each other. Documents travel as JSON text
 * in the storage format: copying a string costs less than cloning an object. Filters travel as they
 * were given (they were checked) and are compiled where they run.
 */
export interface ThreadOptions {
  readonly file: string;
  readonly engine: EngineName;
}

/** Requests that change the store; each is done as a whole or not at all. */
export type WriteRequest =
  | {
      readonly kind: 'write';
      readonly steps: readonly TextStep[];
      /** No outcomes are sent back. */
      readonly isUntold: boolean;
    }
  | {
      readonly kind: 'claim';
      readonly collection: CollectionInfo;
      readonly filter: GroupCondition;
      readonly sort: readonly SortKey[];
      readonly patch: string;
    }
  | {
      readonly kind: 'remove-where';
      readonly collection: CollectionInfo;
      readonly filter: GroupCondition;
    }
  | { readonly kind: 'increment'; readonly counter: string; readonly by: number }
  | {
      readonly kind: 'raise-serial';
      readonly collection: CollectionInfo;
      readonly atLeast: number;
    }
  | { readonly kind: 'save-collection'; readonly collection: CollectionInfo }
  | { readonly kind: 'drop-collection'; readonly name: string }
  | { readonly kind: 'raise-term'; readonly from: number };

/** What the writing thread is sent: a change, and the term that it bears, if it is guarded. */
export type GuardedRequest = WriteRequest & { readonly term: number | undefined };

/** A write step whose fields are text. */
export type TextStep =
  | {
      readonly kind: 'insert';
      readonly collection: CollectionInfo;
      readonly id: RowId | null;
      readonly doc: string;
    }
  | {
      readonly kind: 'update';
      readonly collection: CollectionInfo;
      readonly id: RowId;
      readonly doc: string;
    }
  | {
      readonly kind: 'replace' | 'upsert';
      readonly collection: CollectionInfo;
      readonly id: RowId;
      readonly doc: string;
      readonly sticky: string;
    }
  | { readonly kind: 'delete'; readonly collection: CollectionInfo; readonly id: RowId }
  | TextRun;

/**
 * Inserts that follow each other, or upserts without sticky fields, of which nobody wants to know
 * the outcomes: in two lists they cost the threads half of what as many objects do.
 */
export interface TextRun {
  readonly kind: 'inserts' | 'upserts';
  readonly collection: CollectionInfo;
  /** Null only in inserts, where the store gives the number. */
  readonly ids: (RowId | null)[];
  readonly docs: string[];
}

/** A row on its way to the server's thread. */
export interface TextRow {
  readonly id: RowId;
  readonly doc: string;
}

/** What a step gives: the id of an insert, the row that is there now, whether one was deleted. */
export type TextOutcome = RowId | TextRow | boolean;

export type ReadRequest =
  | { readonly kind: 'get'; readonly collection: CollectionInfo; readonly id: RowId }
  | { readonly kind: 'count'; readonly collection: CollectionInfo; readonly filter: GroupCondition }
  | FindMessage
  | {
      readonly kind: 'page';
      readonly collection: CollectionInfo;
      readonly filter: GroupCondition;
      readonly after: RowId | null;
    }
  | IdsMessage
  | {
      readonly kind: 'rows';
      readonly collection: CollectionInfo;
      readonly filter: GroupCondition;
      readonly ids: readonly RowId[];
    }
  | { readonly kind: 'last-serial'; readonly collection: CollectionInfo }
  | { readonly kind: 'collections' }
  | { readonly kind: 'counters' }
  | { readonly kind: 'term' };

export interface IdsMessage {
  readonly kind: 'ids';
  readonly collection: CollectionInfo;
  readonly filter: GroupCondition;
  readonly sort: readonly SortKey[];
  /** Most bytes of what is sorted by, where that has to be held. */
  readonly maxBytes: number;
}

export interface FindMessage {
  readonly kind: 'find';
  readonly collection: CollectionInfo;
  readonly filter: GroupCondition;
  readonly sort: readonly SortKey[];
  readonly offset: number;
  readonly limit: number;
  /** Most bytes of rows, as they are stored. */
  readonly maxBytes: number;
}

/** Rows as the bytes of JSON arrays, each small enough to be parsed in one go. */
export type RowChunks = readonly Uint8Array[];

/** A page of a stream; `last` is the id to go on after, null at the end. */
export interface Page {
  readonly chunks: RowChunks;
  readonly last: RowId | null;
}

/** The rows of the first `count` of the ids that were asked for: large ones come a few at a time. */
export interface RowsOfIds {
  readonly chunks: RowChunks;
  readonly count: number;
}

export interface Envelope<Request> {
  readonly id: number;
  readonly request: Request;
}

export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

/** An error as it crosses to the other thread. */
export type Failure =
  | { readonly kind: 'duplicate'; readonly collection: string; readonly fields: readonly string[] }
  | { readonly kind: 'missing'; readonly collection: string; readonly id: RowId }
  | { readonly kind: 'taken' }
  | { readonly kind: 'too-large'; readonly maxBytes: number }
  | { readonly kind: 'sqlite'; readonly code: string; readonly message: string };
