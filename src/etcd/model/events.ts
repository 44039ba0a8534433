import type {
  ActionReport,
  Change,
  DriftKind,
  GenerationReason,
  Outcome,
  Stage,
} from '../../wire/generation.js';

/** Events by name, with what they carry. */
export interface EtcdEventMap {
  /** `filename` is absolute; only when something changed. */
  readonly 'etcd.file_generated': {
    readonly filename: string;
    readonly name: string;
    readonly changes: readonly Change[];
    readonly generation: string;
  };
  readonly 'etcd.file_removed': {
    readonly filename: string;
    readonly name: string;
    readonly generation: string;
  };
  readonly 'etcd.file_rolled_back': {
    readonly filename: string;
    readonly name: string;
    readonly generation: string;
  };
  readonly 'etcd.file_failed': {
    readonly name: string;
    readonly stage: Stage;
    readonly message: string;
    readonly generation: string;
  };
  readonly 'etcd.generation_started': {
    readonly id: string;
    readonly reason: GenerationReason;
    readonly counts: { readonly files: number };
  };
  /** Of generations that a task asked for, file by file, a few times a second at most. */
  readonly 'etcd.generation_progress': {
    readonly reason: GenerationReason;
    readonly stage: 'render' | 'commit';
    readonly name: string;
    readonly done: number;
    readonly total: number;
  };
  readonly 'etcd.generation_finished': {
    readonly id: string;
    readonly reason: GenerationReason;
    readonly counts: Partial<Record<Outcome, number>>;
  };
  readonly 'etcd.action_finished': ActionReport & { readonly generation: string };
  readonly 'etcd.drift_detected': { readonly name: string; readonly kind: DriftKind };
  readonly 'etcd.plugin_error': {
    readonly name: string | null;
    readonly source: string;
    readonly code: number;
    readonly message: string;
  };
}

export type EtcdEventName = keyof EtcdEventMap;

/**
 * Takes what is to be told to everybody; the port and its injection token. Never throws and never
 * waits: what cannot be sent now waits, bounded, for the dispatcher.
 */
export abstract class EtcdEvents {
  abstract emit<N extends EtcdEventName>(name: N, args: EtcdEventMap[N]): void;
}
