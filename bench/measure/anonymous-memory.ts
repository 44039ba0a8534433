import { readdirSync, readFileSync } from 'node:fs';

/** Anonymous memory of one process: what no file stands behind, so that no other process shares it. */
export interface ProcessMemory {
  readonly pid: number;
  readonly bytes: number;
}

/**
 * What a server and every process that it has started hold, the server first. Resident memory would
 * count the code of Node.js once for each process, and whatever happens to be in the disk cache.
 */
export function anonymousMemory(pid: number): readonly ProcessMemory[] {
  const children = childrenOf(pid).flatMap((child) => anonymousMemory(child));
  const bytes = anonymousBytes(pid);
  return bytes === null ? children : [{ pid, bytes }, ...children];
}

export function sumOf(processes: readonly ProcessMemory[]): number {
  return processes.reduce((sum, { bytes }) => sum + bytes, 0);
}

function childrenOf(pid: number): readonly number[] {
  return threadsOf(pid).flatMap((thread) => {
    const children = read(`/proc/${pid}/task/${thread}/children`) ?? '';
    return children
      .split(' ')
      .filter((child) => child !== '')
      .map(Number);
  });
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // it has ended meanwhile
  }
}

function anonymousBytes(pid: number): number | null {
  const [, kibibytes] = /^RssAnon:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
  return kibibytes === undefined ? null : Number(kibibytes) * 1_024;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return null;
  }
}
