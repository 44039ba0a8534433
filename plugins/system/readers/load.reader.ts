import { Injectable } from '@nestjs/common';
import { loadavg } from 'node:os';
import type {
  SystemCpuLoad,
  SystemLoad,
  SystemLoadAverages,
} from '../schemas/system-load.schema.js';
import { busyPercent, type CpuTimes, parseCpuTimes } from './cpu-times.js';
import { readText } from './kernel-files.js';
import { SharedReading } from './shared-reading.js';

type Times = ReadonlyMap<string, CpuTimes>;

/** A shorter interval has too few ticks (of 10 ms) to tell a percentage from. */
const INTERVAL_MS = 1000;

/** How busy the processors were between two states of their counters. */
export function toCpuLoad(before: Times, after: Times): Pick<SystemLoad, 'busy_percent' | 'cpus'> {
  let all = 0;
  const cpus: SystemCpuLoad[] = [];
  for (const [name, times] of after) {
    const busy_percent = busyPercent(before.get(name), times);
    if (name === 'cpu') all = busy_percent;
    else cpus.push({ name, busy_percent });
  }
  return { busy_percent: all, cpus };
}

/** Tells the load of the processors since it was last asked; at first, since boot. */
export class LoadMeter {
  #before: Times = new Map();

  async read(): Promise<SystemLoad> {
    const after = parseCpuTimes((await readText('/proc/stat')) ?? '');
    const cpus = toCpuLoad(this.#before, after);
    this.#before = after;
    return { averages: readAverages(), ...cpus };
  }
}

/** Keeps the counters of the last reading, so that a call answers at once instead of waiting. */
@Injectable()
export class LoadReader {
  readonly #meter = new LoadMeter();
  readonly #load = new SharedReading(() => this.#meter.read(), INTERVAL_MS);

  async read(): Promise<SystemLoad> {
    const { busy_percent, cpus } = await this.#load.get();
    return { averages: readAverages(), busy_percent, cpus };
  }
}

function readAverages(): SystemLoadAverages {
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return { one_minute: one, five_minutes: five, fifteen_minutes: fifteen };
}
