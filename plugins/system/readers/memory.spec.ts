import { describe, expect, it } from 'vitest';
import { parseMeminfo, toMemory } from './memory.js';

const MEMINFO = `MemTotal:       16384000 kB
MemFree:         1024000 kB
MemAvailable:    8192000 kB
Buffers:          512000 kB
Cached:          4096000 kB
SwapCached:            0 kB
SwapTotal:       2048000 kB
SwapFree:        2000000 kB
SReclaimable:     256000 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
`;

describe('/proc/meminfo', () => {
  it('is reported in bytes, with what is available not counted as used', () => {
    expect(toMemory(parseMeminfo(MEMINFO))).toEqual({
      total_bytes: 16_384_000 * 1024,
      used_bytes: 8_192_000 * 1024,
      available_bytes: 8_192_000 * 1024,
      free_bytes: 1_024_000 * 1024,
      cached_bytes: 4_864_000 * 1024,
      swap: {
        total_bytes: 2_048_000 * 1024,
        used_bytes: 48_000 * 1024,
        free_bytes: 2_000_000 * 1024,
      },
    });
  });

  it('gives an estimate where an old kernel makes none', () => {
    const memory = toMemory(parseMeminfo(MEMINFO.replace(/MemAvailable.*\n/, '')));
    expect(memory.available_bytes).toBe((1_024_000 + 4_864_000) * 1024);
  });

  it('skips lines of another form', () => {
    const text = 'MemTotal: lots\n: 5 kB\nMemFree: -3 kB\nnot a line\nMemFree:  7 kB\n';
    expect([...parseMeminfo(text)]).toEqual([['MemFree', 7 * 1024]]);
  });

  it('is made up for by the figures of any operating system where it cannot be read', () => {
    const memory = toMemory(parseMeminfo(''));
    expect(memory.total_bytes).toBeGreaterThan(0);
    expect(memory.used_bytes).toBe(memory.total_bytes - memory.available_bytes);
  });
});
