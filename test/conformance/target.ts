import type { DocumentStore, DocumentStoreOptions } from '../../src/datastore/index.js';

/** A store that the conformance suite can be run against. */
export interface Target {
  readonly name: string;
  /** Opens the store that `reopen` after a close finds again. */
  open(options?: DocumentStoreOptions): Promise<DocumentStore>;
  /** Removes whatever the target left behind. */
  dispose(): Promise<void>;
}

/** A target, or the reason why there is none here. */
export type Candidate =
  | { readonly kind: 'available'; readonly target: Target }
  | { readonly kind: 'missing'; readonly name: string; readonly reason: string };
