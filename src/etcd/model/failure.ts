/** How far a file came that failed. */
export type Stage = 'load' | 'render' | 'validate' | 'commit' | 'action';

/** Why a file failed, as reports and rows say it. The message has passed the redactor. */
export interface FileError {
  readonly stage: Stage;
  readonly message: string;
  /** errno, where the system gave one. */
  readonly code?: number;
  readonly template?: string;
  readonly line?: number;
  readonly column?: number;
  /** The last of what a validator or an action printed, redacted. */
  readonly output?: string;
}
