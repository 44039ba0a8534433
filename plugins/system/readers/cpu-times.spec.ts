import { describe, expect, it } from 'vitest';
import { busyPercent, parseBootTime, parseCpuTimes } from './cpu-times.js';

const STAT = `cpu  100 10 50 800 40 0 0 0 25 0
cpu0 60 5 30 380 25 0 0 0 25 0
cpu1 40 5 20 420 15 0 0 0 0 0
intr 651594 0 0 0
ctxt 3349578
btime 1700000000
processes 8000
`;

describe('/proc/stat', () => {
  it('counts idle time and waiting for disks as not busy, and guests once', () => {
    expect(parseCpuTimes(STAT).get('cpu')).toEqual({ busyTicks: 160, totalTicks: 1000 });
  });

  it('lists each processor under its name', () => {
    expect([...parseCpuTimes(STAT).keys()]).toEqual(['cpu', 'cpu0', 'cpu1']);
  });

  it('skips lines of another form', () => {
    expect(parseCpuTimes('cpu\ncpufreq 1 2 3 4\ncpu0 1 2\ncpu1 a b c d\n').size).toBe(0);
  });

  it('says when the machine was started', () => {
    expect(parseBootTime(STAT)).toEqual(new Date('2023-11-14T22:13:20Z'));
    expect(parseBootTime('btime soon\n')).toBeNull();
  });
});

describe('the busy share of a processor', () => {
  it('is that of the time between two readings', () => {
    const before = { busyTicks: 100, totalTicks: 1000 };
    expect(busyPercent(before, { busyTicks: 133, totalTicks: 1100 })).toBe(33);
  });

  it('is that since boot at the first reading', () => {
    expect(busyPercent(undefined, { busyTicks: 1, totalTicks: 3 })).toBe(33.3);
  });

  it('stays within bounds when counters stand still or run backwards', () => {
    const before = { busyTicks: 100, totalTicks: 1000 };
    expect(busyPercent(before, before)).toBe(0);
    expect(busyPercent(before, { busyTicks: 5, totalTicks: 10 })).toBe(0);
    expect(busyPercent(before, { busyTicks: 99, totalTicks: 1001 })).toBe(0);
    expect(busyPercent(before, { busyTicks: 110, totalTicks: 1005 })).toBe(100);
  });
});
