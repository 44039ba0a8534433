import type { Stats } from 'node:fs';

const OTHERS_WRITE = 0o022;

/** Who may own what is loaded, beside root. */
export interface Trust {
  readonly uid: number;
}

/**
 * Why a file or a folder of plugins must not be believed, as half a sentence; null when it may be. What is
 * in it decides about files of the system: whoever may write it would be root.
 */
export function distrust({ uid, mode }: Pick<Stats, 'uid' | 'mode'>, trust: Trust): string | null {
  if (uid !== 0 && uid !== trust.uid) return `belongs to user ${uid}`;
  return (mode & OTHERS_WRITE) === 0 ? null : 'is writable by others';
}
