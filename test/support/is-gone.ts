import { readFileSync } from 'node:fs';

/** Whether a process has ended; one that nobody has asked after yet (a zombie) has. */
export function isGone(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /\) Z /.test(stat);
  } catch {
    return true;
  }
}
