/** What a processor did since boot, in clock ticks. */
export interface CpuTimes {
  readonly busyTicks: number;
  readonly totalTicks: number;
}

/** The times of `/proc/stat` by name: `cpu` for all processors together, then `cpu0` and so on. */
export function parseCpuTimes(text: string): ReadonlyMap<string, CpuTimes> {
  const times = new Map<string, CpuTimes>();
  for (const [, name, numbers] of text.matchAll(/^(cpu\d*)((?: +\d+){4,})/gm)) {
    if (name !== undefined && numbers !== undefined) times.set(name, toCpuTimes(numbers));
  }
  return times;
}

// user, nice, system, idle, iowait, irq, softirq, steal; what follows (guest) is part of user.
function toCpuTimes(numbers: string): CpuTimes {
  const ticks = numbers.trim().split(/ +/, 8).map(Number);
  const totalTicks = ticks.reduce((sum, tick) => sum + tick, 0);
  const idleTicks = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busyTicks: totalTicks - idleTicks, totalTicks };
}

/** Share of the time between two readings that a processor was busy, in percent with one decimal. */
export function busyPercent(before: CpuTimes | undefined, after: CpuTimes): number {
  const total = after.totalTicks - (before?.totalTicks ?? 0);
  const busy = after.busyTicks - (before?.busyTicks ?? 0);
  // iowait may run backwards by a tick, and a processor that was offline starts again from zero.
  if (total <= 0) return 0;
  return Math.round(Math.min(1, Math.max(0, busy / total)) * 1000) / 10;
}

/** When the machine was started, from `/proc/stat`; null when the text does not say. */
export function parseBootTime(text: string): Date | null {
  const seconds = /^btime (\d+)$/m.exec(text)?.[1];
  return seconds === undefined ? null : new Date(Number(seconds) * 1000);
}
