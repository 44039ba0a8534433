import type { Json } from '../../forms/index.js';

/** A row of `etcd.file.query`. */
export interface FileRow {
  readonly name: string;
  readonly path: string | null;
  readonly plugin: string | null;
  readonly groups: readonly string[];
  readonly state: 'clean' | 'drifted' | 'failed' | 'pending' | 'disabled' | 'orphaned';
  readonly outcome: string | null;
  readonly generated_at: Json;
  readonly changed_at: Json;
  readonly mode: string | null;
  readonly owner: string | number | null;
  readonly group: string | number | null;
  readonly size: number | null;
  readonly sensitive: boolean;
  readonly dependencies: readonly string[];
  readonly error: { readonly stage: string; readonly message: string } | null;
  readonly drift: string | null;
}

/** What became, or would become, of one file. */
export interface FileReport {
  readonly name: string;
  readonly path: string;
  readonly outcome: string;
  readonly changes: readonly string[];
  readonly error?: { readonly stage: string; readonly message: string };
  readonly diff?: string;
}

export interface GenerationReport {
  readonly id: string;
  readonly reason: string;
  readonly started_at: Json;
  readonly finished_at: Json;
  readonly files: readonly FileReport[];
  readonly actions: readonly { readonly action: Json; readonly outcome: string }[];
}

export interface Revision {
  readonly n: number;
  readonly saved_at: Json;
  readonly size: number;
  readonly origin: string;
}

export const STATE_TONES: Readonly<Record<FileRow['state'], string>> = {
  clean: 'good',
  drifted: 'warn',
  failed: 'bad',
  pending: '',
  disabled: '',
  orphaned: 'warn',
};

export const OUTCOME_TONES: Readonly<Record<string, string>> = {
  created: 'good',
  changed: 'busy',
  removed: 'warn',
  failed: 'bad',
  rolled_back: 'warn',
};
