import type { FileError } from '../../wire/generation.js';
import type { FileMetadata } from './metadata.js';

/** What rendering came to. */
export type Rendering =
  | { readonly kind: 'content'; readonly content: Uint8Array }
  /** The file must not exist. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly error: FileError }
  /** Its switch is off: it is left as it is. */
  | { readonly kind: 'disabled' };

/** One file on its way to its place. */
export interface RenderedFile {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly metadata: FileMetadata;
  readonly rendering: Rendering;
  /** Declared so, or a secret was revealed while it was rendered: no diff, no digest, no content in a log. */
  readonly isSensitive: boolean;
  /** The file set that it came from; null for a file of its own. */
  readonly set: string | null;
  /** Its plugin directory. */
  readonly directory: string;
}

/** All or none of these are put in place. */
export interface AtomicSet {
  readonly group: string;
  readonly names: readonly string[];
}
