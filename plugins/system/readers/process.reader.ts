import { Injectable } from '@nestjs/common';
import { readdirSync, readFile, readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SystemProcess } from '../schemas/system-process.schema.js';
import { readText } from './kernel-files.js';
import {
  parseAccounts,
  parseCommandLine,
  parseProcessStat,
  parseProcessStatus,
  type ProcessStat,
  type ProcessStatus,
  TICKS_PER_SECOND,
} from './process-files.js';
import { SharedReading } from './shared-reading.js';
import { readBootTime } from './uptime.js';

const INTERVAL_MS = 1000;
/** One to two milliseconds of work: the event loop is not held longer than that at a time. */
const PROCESSES_PER_TURN = 16;

/** A process as its files describe it, before rates and names are worked out. */
interface ProcessFiles {
  readonly pid: number;
  readonly stat: ProcessStat;
  readonly status: ProcessStatus;
  readonly command: string | null;
}

interface Moment {
  readonly atMs: number;
  readonly bootedAt: Date;
  readonly accounts: ReadonlyMap<number, string>;
}

/** CPU ticks by process; the start is part of the key because the kernel uses pids again. */
type Ticks = ReadonlyMap<string, number>;

interface Reading {
  readonly atMs: number;
  readonly ticks: Ticks;
}

const identity = ({ pid, stat }: ProcessFiles): string => `${pid}@${stat.startTicks}`;

/** Reads the processes from `/proc`, without a child process of its own. */
@Injectable()
export class ProcessReader {
  #before: Reading | undefined;
  readonly #processes = new SharedReading(() => this.#take(), INTERVAL_MS);

  read(): Promise<readonly SystemProcess[]> {
    return this.#processes.get();
  }

  async #take(): Promise<readonly SystemProcess[]> {
    const [files, bootedAt, passwd] = await Promise.all([
      readAll(),
      readBootTime(),
      readText('/etc/passwd'),
    ]);
    const moment = { atMs: Date.now(), bootedAt, accounts: parseAccounts(passwd ?? '') };
    const before = this.#before;
    this.#before = {
      atMs: moment.atMs,
      ticks: new Map(files.map((process) => [identity(process), process.stat.cpuTicks])),
    };
    return files.map((process) => toRow(process, moment, before));
  }
}

function toRow(process: ProcessFiles, moment: Moment, before: Reading | undefined): SystemProcess {
  const { pid, stat, status, command } = process;
  const startedMs = moment.bootedAt.getTime() + (stat.startTicks / TICKS_PER_SECOND) * 1000;
  const ticksBefore = before?.ticks.get(identity(process));
  const since = ticksBefore === undefined ? startedMs : (before?.atMs ?? startedMs);
  return {
    pid,
    parent_pid: stat.parentPid === 0 ? null : stat.parentPid,
    name: stat.name,
    command,
    uid: status.effectiveUid,
    user: moment.accounts.get(status.effectiveUid) ?? null,
    state: stat.state,
    cpu_percent: cpuPercent(stat.cpuTicks - (ticksBefore ?? 0), moment.atMs - since),
    memory_bytes: status.residentBytes,
    threads: stat.threads,
    started_at: new Date(startedMs),
  };
}

/** With one decimal. No time passed, or a clock set back, is no load rather than an infinite one. */
export function cpuPercent(ticks: number, elapsedMs: number): number {
  if (elapsedMs <= 0 || ticks <= 0) return 0;
  return Math.round((ticks / TICKS_PER_SECOND / (elapsedMs / 1000)) * 1000) / 10;
}

/**
 * `stat` and `status` are made by the kernel without waiting for anything: reading them in turns
 * costs a tenth of what the same reads cost through the thread pool.
 */
async function readAll(): Promise<readonly ProcessFiles[]> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const processes: ProcessFiles[] = [];
  for (let start = 0; start < pids.length; start += PROCESSES_PER_TURN) {
    const some = pids.slice(start, start + PROCESSES_PER_TURN).map(Number);
    const found = await Promise.all(some.map(readOne));
    processes.push(...found.filter((process) => process !== null));
    await nextTurn();
  }
  return processes;
}

/** Null for a process that ended while the list was read. */
async function readOne(pid: number): Promise<ProcessFiles | null> {
  const stat = parseProcessStat(readNow(`/proc/${pid}/stat`));
  const status = parseProcessStatus(readNow(`/proc/${pid}/status`));
  if (stat === null || status === null) return null;
  return { pid, stat, status, command: await readCommand(pid, stat) };
}

function readNow(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Reading arguments takes a lock on the process's memory. A process stuck in the kernel (on a dead
 * network file system, say) may hold it for ever, so that one is not asked.
 */
function readCommand(pid: number, stat: ProcessStat): Promise<string | null> {
  if (stat.state === 'disk-sleep' || stat.state === 'zombie') return Promise.resolve(null);
  return new Promise((resolve) => {
    // With a callback: the promise version costs three times as much for each file.
    readFile(`/proc/${pid}/cmdline`, 'utf8', (error, text) => {
      resolve(error === null ? parseCommandLine(text) : null);
    });
  });
}
