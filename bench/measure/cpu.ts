import { readdirSync, readFileSync } from 'node:fs';

/**
 * The CPU time a process has used so far, in microseconds: the scheduler's own nanoseconds, summed over its
 * threads, so that garbage collection on a helper thread counts. `utime` in /proc/PID/stat would be
 * coarse (10 ms), and asking the process itself would be work of its own.
 */
export function cpuMicros(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).reduce((sum, thread) => sum + threadMicros(`${tasks}/${thread}`), 0);
}

function threadMicros(directory: string): number {
  try {
    return Number(readFileSync(`${directory}/schedstat`, 'latin1').split(' ', 1)[0]) / 1000;
  } catch (error) {
    // A thread may end between the listing and the reading; its time is lost to every subject alike.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return 0;
    throw new Error(`No CPU time under ${directory}: the bench needs Linux with /proc`, {
      cause: error,
    });
  }
}
