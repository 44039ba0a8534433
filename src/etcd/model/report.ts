import type { FileError } from './failure.js';
import type { Action } from './metadata.js';

/** Why there was a generation. */
export type GenerationReason = 'boot' | 'call' | 'event' | 'drift' | `task:${number}`;

export type Outcome =
  | 'created'
  | 'changed'
  | 'unchanged'
  | 'removed'
  | 'failed'
  | 'skipped'
  | 'rolled_back'
  | 'disabled';

/** What is other than before. */
export type Change = 'contents' | 'mode' | 'owner' | 'group';

/** What became of one file, as it travels. */
export interface FileReport {
  readonly name: string;
  readonly path: string;
  readonly outcome: Outcome;
  readonly changes: readonly Change[];
  readonly error?: FileError;
  /** Unified, of plans only; none of sensitive files. */
  readonly diff?: string;
}

type ActionOutcome =
  | 'done'
  | 'failed'
  | 'timed_out'
  | 'not-running'
  /** Only told, as the configuration wants it. */
  | 'logged'
  /** Of a plan: it would run. */
  | 'planned'
  | 'off';

export interface ActionReport {
  readonly action: Action;
  readonly outcome: ActionOutcome;
  /** Exit status of a program. */
  readonly code?: number;
  /** The last of what it printed, redacted. */
  readonly output?: string;
}

/** What a generation did, as it travels. */
export interface GenerationReport {
  readonly id: string;
  readonly reason: GenerationReason;
  readonly started_at: Date;
  readonly finished_at: Date;
  readonly files: readonly FileReport[];
  readonly actions: readonly ActionReport[];
}

/** How many files of a report had which outcome; outcomes that none had are left out. */
export function countsOf({
  files,
}: Pick<GenerationReport, 'files'>): Partial<Record<Outcome, number>> {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const { outcome } of files) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
