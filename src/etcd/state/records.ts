import type { Side } from '../commit/index.js';
import type {
  Action,
  DriftKind,
  FileError,
  FileMetadata,
  GenerationReason,
  Outcome,
} from '../model/index.js';

/** A content that a file had, and who owned it. */
export interface StoredRevision {
  /** Counts up and is never given again. */
  readonly n: number;
  readonly generation: string | null;
  /** When it was replaced. */
  readonly savedAt: string;
  readonly origin: 'generated' | 'foreign';
  readonly side: Extract<Side, { readonly kind: 'file' }>;
}

/** What is known of a file that was managed once; a line of the journal. */
export interface FileRecord {
  readonly name: string;
  readonly path: string;
  /** Where its bytes lie: elsewhere behind a link that is followed. */
  readonly at: string;
  readonly set: string | null;
  /** What was put there; null before the first time. */
  readonly placed: Side | null;
  /** Whose it is: somebody else's once it was accepted as it was found. */
  readonly origin: 'generated' | 'foreign';
  readonly isSensitive: boolean;
  readonly outcome: Outcome | null;
  readonly generation: string | null;
  readonly reason: GenerationReason | null;
  readonly generatedAt: string | null;
  readonly changedAt: string | null;
  readonly error: FileError | null;
  readonly action: string | null;
  readonly drift: DriftKind | null;
  /** The newest first. */
  readonly revisions: readonly StoredRevision[];
  readonly nextRevision: number;
  readonly writes: FileMetadata['writes'];
  readonly attributes: FileMetadata['attributes'];
  readonly reload: readonly Action[];
  /** Not there in records of earlier versions. */
  readonly onOrphan?: FileMetadata['onOrphan'];
}

/** How a file was before a generation and is after it. */
export interface StoredStep {
  readonly name: string;
  readonly path: string;
  readonly at: string;
  readonly before: Side;
  readonly after: Side;
  readonly writes: FileMetadata['writes'];
  readonly attributes: FileMetadata['attributes'];
  readonly reload: readonly Action[];
}

/** A generation that has begun and not ended, or that waits to be confirmed. */
export interface StoredGeneration {
  readonly id: string;
  readonly reason: GenerationReason;
  readonly steps: readonly StoredStep[];
  /** When it is taken back; null while it is under way. */
  readonly confirmBy: string | null;
}

/** What is written to the journal. */
export type Entry =
  | { readonly kind: 'file'; readonly record: FileRecord }
  | { readonly kind: 'begun'; readonly generation: StoredGeneration }
  | { readonly kind: 'waits'; readonly generation: StoredGeneration }
  | { readonly kind: 'ended'; readonly id: string };

export function newRecord(name: string, path: string): FileRecord {
  return {
    name,
    path,
    at: path,
    set: null,
    placed: null,
    origin: 'generated',
    isSensitive: false,
    outcome: null,
    generation: null,
    reason: null,
    generatedAt: null,
    changedAt: null,
    error: null,
    action: null,
    drift: null,
    revisions: [],
    nextRevision: 1,
    writes: 'atomic',
    attributes: 'keep',
    reload: [],
  };
}
