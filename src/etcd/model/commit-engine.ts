import type {
  DriftKind,
  DriftRow,
  FileError,
  GenerationReason,
  GenerationReport,
  Outcome,
  Selection,
} from '../../wire/generation.js';
import type { AtomicSet, RenderedFile } from './rendered-file.js';
import type { FileMetadata } from './metadata.js';

/** A set of rendered files to be put in place. */
export interface Generation {
  /** Unique, of letters, digits and `-`: part of the names of temporary files. */
  readonly id: string;
  readonly reason: GenerationReason;
  readonly startedAt: Date;
  /** In the order in which they are to be put in place. */
  readonly files: readonly RenderedFile[];
  readonly atomicSets: readonly AtomicSet[];
  /** All is taken back unless it is confirmed within so many seconds. */
  readonly confirmSeconds?: number;
  /** Told of each file that is about to be put in place. */
  readonly onCommit?: (name: string) => void;
}

/** What is known of one file from what was done with it; kept over restarts. */
export interface FileState {
  readonly name: string;
  readonly path: string;
  readonly set: string | null;
  readonly state: 'clean' | 'drifted' | 'failed' | 'pending';
  readonly outcome: Outcome | null;
  /** The generation that touched it last. */
  readonly generation: string | null;
  readonly reason: GenerationReason | null;
  readonly generatedAt: Date | null;
  readonly changedAt: Date | null;
  readonly size: number | null;
  readonly isSensitive: boolean;
  readonly error: FileError | null;
  readonly drift: DriftKind | null;
  /** Outcome of its last action, in words. */
  readonly action: string | null;
  /** What was declared of it, for the time when nobody declares anything any more. */
  readonly metadata: Pick<FileMetadata, 'writes' | 'attributes' | 'reload' | 'onOrphan'>;
}

/** One of the contents that a file had. */
export interface Revision {
  /** Counts up for each file and is never given again: the newest has the highest. */
  readonly n: number;
  readonly generation: string | null;
  readonly saved_at: Date;
  readonly size: number;
  /** Whose bytes they were: written by etcd, or found there. */
  readonly origin: 'generated' | 'foreign';
  readonly mode: number;
  readonly owner: number;
  readonly group: number;
}

/**
 * Puts rendered files in their places and keeps them: the port between rendering and the disk, and its
 * injection token. One generation at a time; calls wait for each other in order. No file's failure is
 * thrown: it is in the report. Sends the events of files, actions and drift itself; those of
 * generations are sent by whoever asks.
 */
export abstract class CommitEngine {
  /** Removes temporary files of before, reads the state. Before anything else is called. */
  abstract open(): Promise<void>;
  /** Validates all, puts them in place in order, runs each action once, takes back what has to be. */
  abstract apply(generation: Generation): Promise<GenerationReport>;
  /** What {@link apply} would do, with differences; writes nothing below the roots. */
  abstract plan(generation: Generation): Promise<GenerationReport>;
  /** Keeps a generation that would be taken back. @throws RpcException ENOENT when none waits under that id */
  abstract confirm(id: string): Promise<void>;

  /** By name, of every file that was ever managed, those too that no plugin names any more. */
  abstract states(): ReadonlyMap<string, FileState>;
  /** Compares the disk with what was written; null: all. Null in the answer: there was none written. */
  abstract verify(names: readonly string[] | null): Promise<readonly DriftRow[]>;
  /** Takes what lies on the disk for right. @throws RpcException ENOENT */
  abstract accept(name: string): Promise<void>;
  /** The newest first. @throws RpcException ENOENT for a file that was never managed */
  abstract history(name: string): Promise<readonly Revision[]>;
  /** @throws RpcException ENOENT */
  abstract revision(name: string, n: number): Promise<Uint8Array>;
  /** Puts an older content back in place, with validators and actions. @throws RpcException ENOENT */
  abstract rollback(name: string, n: number, reason: GenerationReason): Promise<GenerationReport>;

  /** Which files are managed from now on; others become orphans. Starts or moves the watch for drift. */
  abstract manage(files: readonly ManagedFile[]): Promise<void>;
  /** Ends the watch; a generation under way is finished or taken back first. */
  abstract close(): Promise<void>;
}

/** A file that is watched for drift. */
export type ManagedFile = Pick<RenderedFile, 'name' | 'path' | 'metadata' | 'set' | 'directory'>;

/** Renders and puts in place what is selected; the port for drift that is to be mended. */
export abstract class Generations {
  /** @throws RpcException ENOENT for a name or a group that is not known */
  abstract generate(selection: Selection, reason: GenerationReason): Promise<GenerationReport>;
}

/** What actions and checks need of the dispatcher. */
export abstract class DispatcherLink {
  abstract get isConnected(): boolean;
  /** @throws RpcException what the dispatcher answers; ECONNABORTED while there is none */
  abstract call(method: string, args: readonly unknown[], signal?: AbortSignal): Promise<unknown>;
}
