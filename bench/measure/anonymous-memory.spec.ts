import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { anonymousMemory, sumOf } from './anonymous-memory.js';

const MIB = 1_024 * 1_024;
/** Holds so much memory, has a child that does the same, and says when both are there. */
const HOLDER = `
const { spawn } = require('node:child_process');
const held = Buffer.alloc(32 * ${MIB}, 1);
const say = () => console.log(held.length);
if (process.argv[1] === 'alone') say();
else spawn(process.execPath, ['-e', process.env.HOLDER, 'alone']).stdout.on('data', say);
process.stdin.on('end', () => process.exit()).resume();
setInterval(() => undefined, 1000);
`;

describe('anonymousMemory', () => {
  it('tells what a process and its children hold, the process first', async () => {
    const holder = spawn(process.execPath, ['-e', HOLDER, 'with a child'], {
      env: { ...process.env, HOLDER },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      await once(holder.stdout, 'data');
      const processes = anonymousMemory(holder.pid ?? 0);
      expect(processes).toHaveLength(2);
      expect(processes[0]?.pid).toBe(holder.pid);
      for (const { bytes } of processes) expect(bytes).toBeGreaterThan(32 * MIB);
      expect(sumOf(processes)).toBeGreaterThan(64 * MIB);
    } finally {
      holder.kill('SIGKILL'); // its child sees the end of its input
      await once(holder, 'exit');
    }
  });

  it('finds nothing where no process is', () => {
    expect(anonymousMemory(2 ** 22 + 1)).toEqual([]);
  });
});
