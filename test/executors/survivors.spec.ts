import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isGone, until } from './executor.harness.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 }); // processes start slowly on a busy machine

describe('Executors of a server', () => {
  let server: ChildProcess;
  let lines: Interface;
  let executors: number[];
  let child: number;
  let folder: string;

  beforeEach(async () => {
    const loader = here('../datastore/support/typescript-loader.mjs');
    server = spawn(
      process.execPath,
      ['--import', loader, here('./support/doomed-server.ts')],
      { stdio: ['ignore', 'pipe', 'inherit'], detached: true }, // a group of its own, to signal
    );
    lines = createInterface({ input: server.stdout as Readable });
    const [line] = (await once(lines, 'line')) as [string];
    ({ executors, child, folder } = JSON.parse(line) as {
      executors: number[];
      child: number;
      folder: string;
    });
  });
  afterEach(async () => {
    if (server.exitCode === null && server.signalCode === null) {
      const exited = once(server, 'exit');
      server.kill('SIGKILL');
      await exited;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('are gone when it is killed, also those that are busy for ever, with what they started', async () => {
    expect(executors).toHaveLength(4);
    expect([...executors, child].some(isGone)).toBe(false);
    server.kill('SIGKILL');
    await once(server, 'exit');
    await until(() => [...executors, child].every(isGone));
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'do not get the %s of its process group',
    async (signal) => {
      const heard = once(lines, 'line');
      process.kill(-server.pid!, signal);
      await heard;
      // one that got it would be gone by the time that a later one is
      const [, , , idle] = executors;
      process.kill(idle!, 'SIGKILL');
      await until(() => isGone(idle!));
      expect(executors.slice(0, 3).some(isGone)).toBe(false);
    },
  );
});
