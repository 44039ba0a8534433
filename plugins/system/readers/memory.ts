import { freemem, totalmem } from 'node:os';
import type { SystemMemory } from '../schemas/system-memory.schema.js';
import { readText } from './kernel-files.js';

/** The figures of `/proc/meminfo` in bytes, by their names there. Lines of another form are skipped. */
export function parseMeminfo(text: string): ReadonlyMap<string, number> {
  const figures = new Map<string, number>();
  for (const [, name, kibibytes] of text.matchAll(/^([^\s:]+): +(\d+) kB$/gm)) {
    if (name !== undefined) figures.set(name, Number(kibibytes) * 1024);
  }
  return figures;
}

/** Memory in use by the kernel's own estimate of what is available, as `free` counts it. */
export function toMemory(figures: ReadonlyMap<string, number>): SystemMemory {
  const figure = (name: string): number => figures.get(name) ?? 0;
  const total = figures.get('MemTotal') ?? totalmem();
  const free = figures.get('MemFree') ?? freemem();
  const cached = figure('Buffers') + figure('Cached') + figure('SReclaimable');
  // Kernels before 3.14, and systems other than Linux, make no estimate.
  const available = Math.min(total, figures.get('MemAvailable') ?? free + cached);
  return {
    total_bytes: total,
    used_bytes: total - available,
    available_bytes: available,
    free_bytes: free,
    cached_bytes: cached,
    swap: {
      total_bytes: figure('SwapTotal'),
      used_bytes: Math.max(0, figure('SwapTotal') - figure('SwapFree')),
      free_bytes: figure('SwapFree'),
    },
  };
}

export async function readMemory(): Promise<SystemMemory> {
  return toMemory(parseMeminfo((await readText('/proc/meminfo')) ?? ''));
}
