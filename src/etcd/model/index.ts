/**
 * The words that the rooms of etcd share: what is declared of a file, what rendering gives, what a
 * generation reports, and the ports between the rooms. No behaviour but the smallest, nothing of Nest.
 */
export {
  CommitEngine,
  DispatcherLink,
  type FileState,
  type Generation,
  Generations,
  type ManagedFile,
  type Revision,
} from './commit-engine.js';
export { type EtcdEventMap, type EtcdEventName, EtcdEvents } from './events.js';
export {
  type Attributes,
  type DataSource,
  DEFAULT_DIRECTORY_MODE,
  DEFAULT_METADATA,
  DEFAULT_MODE,
  type FileMetadata,
} from './metadata.js';
export { Redactor } from './redactor.js';
export type { AtomicSet, RenderedFile, Rendering } from './rendered-file.js';
export {
  type Action,
  type ActionReport,
  type Change,
  countsOf,
  type DriftKind,
  type DriftRow,
  type FileError,
  type FileReport,
  type GenerationReason,
  type GenerationReport,
  isEtcdMissing,
  isSameAsBefore,
  NO_ETCD,
  type Outcome,
  reportText,
  type Selection,
  selectionOf,
  type Stage,
} from '../../wire/generation.js';
export { type EtcdSettings } from './settings.js';
export type { LoadError, RendererKind, Target, TargetGroup } from './target.js';
