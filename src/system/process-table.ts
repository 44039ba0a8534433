import { readdirSync, readFileSync } from 'node:fs';

/** What the system tells of a process (Linux: `/proc/PID/stat`). */
export interface ProcessFacts {
  /** One letter: `R` runs, `S` sleeps, `D` waits for a device, `T` was stopped by a signal, `Z` has ended. */
  readonly state: string;
  readonly parent: number;
  /** Processor time that all of its threads have used, in clock ticks. */
  readonly cpuTicks: number;
  /** When it was started, in clock ticks since the boot: with its number the name of one process for ever. */
  readonly startedAt: number;
}

// Places in the line, counted from behind the process's name
const STATE = 0;
const PARENT = 1;
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const STARTED_AT = 19;

/** Null for a process that is gone, and where the system does not tell. */
export function factsOf(pid: number): ProcessFacts | null {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' '); // its name may hold anything
  return {
    state: fields[STATE] ?? '',
    parent: Number(fields[PARENT]),
    cpuTicks: Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS]),
    startedAt: Number(fields[STARTED_AT]),
  };
}

/** All processes; none where the system does not tell. */
export function runningPids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Whether a variable with that value was in the environment when the process was started. */
export function wasStartedWith(pid: number, variable: string): boolean {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${variable}\0`);
  } catch {
    return false; // it is gone, or another user's
  }
}

/** Whether it has started a process that has not ended. */
export function hasChildren(pid: number): boolean {
  return runningPids().some((other) => {
    const facts = factsOf(other);
    return facts?.parent === pid && facts.state !== 'Z';
  });
}
