import { uptime } from 'node:os';
import type { SystemUptime } from '../schemas/system-uptime.schema.js';
import { parseBootTime } from './cpu-times.js';
import { readText } from './kernel-files.js';

/** The kernel's own figure: the clock less the uptime would differ from one call to the next. */
export async function readBootTime(): Promise<Date> {
  const stat = await readText('/proc/stat');
  return parseBootTime(stat ?? '') ?? new Date(Date.now() - uptime() * 1000);
}

export async function readUptime(): Promise<SystemUptime> {
  return { seconds: uptime(), booted_at: await readBootTime() };
}
