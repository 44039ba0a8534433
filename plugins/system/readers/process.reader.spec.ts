import { describe, expect, it } from 'vitest';
import { cpuPercent, ProcessReader } from './process.reader.js';

describe('the processor share of a process', () => {
  it('is of one processor, so that several threads exceed 100', () => {
    expect(cpuPercent(50, 1000)).toBe(50);
    expect(cpuPercent(400, 2000)).toBe(200);
  });

  it('is nothing when no time passed or the clock was set back', () => {
    expect(cpuPercent(50, 0)).toBe(0);
    expect(cpuPercent(50, -1000)).toBe(0);
    expect(cpuPercent(-1, 1000)).toBe(0);
  });
});

describe('the process reader', () => {
  it('finds this very process, its user, parent and start', async () => {
    const rows = await new ProcessReader().read();
    const own = rows.find(({ pid }) => pid === process.pid);
    expect(own).toMatchObject({ parent_pid: process.ppid, uid: process.geteuid?.() });
    expect(own?.command).toContain('node');
    expect(own?.memory_bytes).toBeGreaterThan(1_000_000);
    const startedMs = Date.now() - process.uptime() * 1000;
    expect(Math.abs((own?.started_at.getTime() ?? 0) - startedMs)).toBeLessThan(5000);
  });

  it('gives callers within a second the same rows', async () => {
    const reader = new ProcessReader();
    const [first, second] = await Promise.all([reader.read(), reader.read()]);
    expect(second).toBe(first);
    expect(await reader.read()).toBe(first);
  });
});
