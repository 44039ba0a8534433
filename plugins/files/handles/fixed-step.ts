import type { BigIntStats } from 'node:fs';

const OTHERS_WRITE = 0o022n;
const STICKY = 0o1000n;
const ROOT = 0n;
const OWN = BigInt(process.geteuid?.() ?? 0);

/**
 * Whether nobody but root and the server's own user can put something else at the place of an entry
 * of a folder: the folder is theirs and only they may write to it, or it is one like /tmp, where
 * everybody leaves alone what is not his, and the entry is theirs.
 */
export function isFixedStep(folder: BigIntStats, entry: BigIntStats): boolean {
  if (!isTrusted(folder)) return false;
  if ((folder.mode & OTHERS_WRITE) === 0n) return true;
  return (folder.mode & STICKY) !== 0n && isTrusted(entry);
}

function isTrusted({ uid }: BigIntStats): boolean {
  return uid === ROOT || uid === OWN;
}
