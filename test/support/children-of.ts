import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The processes that a process has started, as the system knows them; none where it has no /proc. */
export function childrenOf(parent: number): number[] {
  if (!existsSync('/proc/self/stat')) return [];
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    return Number.isInteger(pid) && parentOf(pid) === parent ? [pid] : [];
  });
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]); // its name may hold anything
  } catch {
    return null; // it has ended meanwhile
  }
}
