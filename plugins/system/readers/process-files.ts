import type { ProcessState } from '../schemas/system-process.schema.js';

/** `/proc/<pid>/stat` counts in these; the number is part of the kernel's promise to programs. */
export const TICKS_PER_SECOND = 100;

/** What is used of `/proc/<pid>/stat`. */
export interface ProcessStat {
  readonly name: string;
  readonly state: ProcessState;
  readonly parentPid: number;
  readonly cpuTicks: number;
  readonly threads: number;
  /** Since boot. */
  readonly startTicks: number;
}

const STATES: ReadonlyMap<string, ProcessState> = new Map([
  ['R', 'running'],
  ['S', 'sleeping'],
  ['D', 'disk-sleep'],
  ['T', 'stopped'],
  ['t', 'traced'],
  ['Z', 'zombie'],
  ['X', 'dead'],
  ['I', 'idle'],
]);

/**
 * Parses `/proc/<pid>/stat`; null when the text has another form. The name stands in parentheses
 * and is the process's own choice: it may contain spaces, line ends and parentheses, so that only
 * the last closing one ends it.
 */
export function parseProcessStat(text: string): ProcessStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const fields = text.slice(close + 2).split(' ');
  const field = (index: number): number => Number(fields[index] ?? NaN);
  // proc(5) counts from 1 and from the pid; the state, its field 3, is our field 0.
  const stat: ProcessStat = {
    name: text.slice(open + 1, close),
    state: STATES.get(fields[0] ?? '') ?? 'unknown',
    parentPid: field(1),
    cpuTicks: field(11) + field(12),
    threads: field(17),
    startTicks: field(19),
  };
  return Number.isNaN(stat.cpuTicks + stat.threads + stat.startTicks + stat.parentPid)
    ? null
    : stat;
}

/** What is used of `/proc/<pid>/status`: memory there is in bytes, not in pages of unknown size. */
export interface ProcessStatus {
  readonly effectiveUid: number;
  /** Zero for a kernel thread and a zombie: they have no memory of their own. */
  readonly residentBytes: number;
}

export function parseProcessStatus(text: string): ProcessStatus | null {
  const uid = /^Uid:\t\d+\t(\d+)\t/m.exec(text)?.[1];
  if (uid === undefined) return null;
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? '0';
  return { effectiveUid: Number(uid), residentBytes: Number(kibibytes) * 1024 };
}

/** `/proc/<pid>/cmdline` as a line for people; null when it is empty. */
export function parseCommandLine(text: string): string | null {
  const command = text.replace(/\0+$/, '').replaceAll('\0', ' ');
  return command === '' ? null : command;
}

/** Account names by uid from the text of `/etc/passwd`; the first account of a uid counts. */
export function parseAccounts(text: string): ReadonlyMap<number, string> {
  const accounts = new Map<number, string>();
  for (const [, name, uid] of text.matchAll(/^([^:#\s][^:\n]*):[^:\n]*:(\d+):/gm)) {
    if (name !== undefined && !accounts.has(Number(uid))) accounts.set(Number(uid), name);
  }
  return accounts;
}
