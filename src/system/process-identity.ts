import { readFileSync, readlinkSync } from 'node:fs';

/** Which process it is, told from any other that had or will have its number. */
export interface ProcessIdentity {
  /** Of the kernel's start: numbers of processes mean something within it only. */
  readonly boot: string;
  readonly namespace: string;
  readonly pid: number;
  /** In ticks since that start. */
  readonly startedAt: string;
}

/** This process; null on systems without /proc. */
export function processIdentity(pid: number): ProcessIdentity | null {
  try {
    const { startedAt } = statusOf(pid) ?? {};
    if (startedAt === undefined) return null;
    return { ...surroundings(), pid, startedAt };
  } catch {
    return null;
  }
}

/**
 * Whether a process is known to be gone. One of another machine, or of another namespace, is not:
 * nobody here can see it.
 */
export function isGone({ boot, namespace, pid, startedAt }: ProcessIdentity): boolean {
  try {
    const here = surroundings();
    if (boot !== here.boot || namespace !== here.namespace) return false;
    const status = statusOf(pid);
    return status === null || status.startedAt !== startedAt || 'ZX'.includes(status.state);
  } catch {
    return false;
  }
}

function surroundings(): Pick<ProcessIdentity, 'boot' | 'namespace'> {
  return {
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    namespace: readlinkSync('/proc/self/ns/pid'),
  };
}

/** Null when there is no such process. */
function statusOf(pid: number): { readonly state: string; readonly startedAt: string } | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  // the name, which may hold anything, ends with the last parenthesis
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startedAt: fields[19] ?? '' };
}
