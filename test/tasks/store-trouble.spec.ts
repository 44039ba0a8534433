import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Errno } from '../../src/common/index.js';
import { DatastoreException } from '../../src/sdk/index.js';
import { type StoredTask, TaskReader } from '../../src/tasks/index.js';
import { EngineHarness } from './support/engine.harness.js';

let harness: EngineHarness;

const diskAway = new DatastoreException(Errno.EIO, 'the disk is away');
const refusal = { code: Errno.EIO, message: 'Tasks cannot be stored: the disk is away' };

beforeEach(async () => {
  harness = await new EngineHarness().start();
  harness.engine.start();
  harness.addResource('lock');
});
afterEach(() => harness.dispose());

const stateOf = async (id: number): Promise<string | undefined> =>
  (await harness.taskStore.get(id))?.state;

/** A task that has the lock and goes on when its gate is opened. */
async function holding(gate: string): Promise<number> {
  const id = await harness.submit('gate', ['lock'], gate);
  await vi.waitUntil(() => harness.isAt(gate));
  return id;
}

/** From here on the store fails; resolves once the engine has met with that, by a submit that is refused. */
async function fail(strikes: 'before' | 'after' = 'before'): Promise<void> {
  harness.driver.trouble = { error: diskAway, strikes };
  await expect(harness.submit('nothing')).rejects.toMatchObject(refusal);
}

/** The store works again; the engine finds out when it tries the next time. */
async function mend(): Promise<void> {
  harness.driver.trouble = null;
  await vi.waitFor(async () => {
    await harness.clock.advance(10_000);
    expect(harness.taskStore.failure).toBeNull();
  });
}

/** Enough turns for whatever would wrongly happen to happen. */
async function aWhile(): Promise<void> {
  for (let count = 0; count < 20; count += 1) await turn();
}

const ANYBODY = {
  kind: 'plugin',
  user: 'test',
  roles: [],
  address: 'plugin,test',
  sessionId: null,
} as const;

describe('While tasks cannot be stored', () => {
  it('submits are refused with the reason, which is told once by an event and in the log', async () => {
    await fail();
    for (let submit = 0; submit < 5; submit += 1) {
      await expect(harness.submit('nothing')).rejects.toMatchObject(refusal);
    }
    expect(harness.named('task.store_failed')).toMatchObject([
      { args: { message: refusal.message } },
    ]);
    expect(harness.log.filter((line) => line === refusal.message)).toHaveLength(1);
    expect(harness.ran).toEqual([]);
    await mend();
    expect(harness.named('task.store_recovered')).toHaveLength(1);
    const id = await harness.submit('nothing');
    expect(await harness.engine.wait(id)).toMatchObject({ state: 'FINISHED' });
    expect(harness.ran).toEqual([id]);
  });

  it('64 submits of one turn are all refused, none of them runs, and none is there afterwards', async () => {
    harness.driver.trouble = { error: diskAway, strikes: 'before' };
    const submits = Array.from({ length: 64 }, () => harness.submit('nothing'));
    const outcomes = await Promise.allSettled(submits);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(64);
    await mend();
    await aWhile();
    expect(harness.ran).toEqual([]);
    expect(await harness.taskStore.query([], { count: true })).toBe(0);
    expect(harness.named('task.created')).toEqual([]);
  });

  it('a submit whose answer was lost is refused, and its row is taken back, restart or not', async () => {
    await fail('after');
    expect(await harness.taskStore.query([], { count: true })).toBe(1);
    await mend();
    expect(await harness.taskStore.query([], { count: true })).toBe(0);
    await harness.restart();
    harness.engine.start();
    await aWhile();
    expect(harness.ran).toEqual([]);
    expect(await harness.engine.wait(await harness.submit('nothing'))).toMatchObject({
      state: 'FINISHED',
    });
  });

  it('a task that waits stays accepted, starts no sooner than that can be stored, and runs once', async () => {
    const holder = await holding('held');
    const waiting = await harness.submit('nothing', ['lock']);
    await fail();
    harness.open('held');
    await aWhile();
    await harness.clock.advance(60_000);
    await aWhile();
    expect(harness.ran).toEqual([holder]);
    expect(await stateOf(waiting)).toBe('WAITING');
    await mend();
    expect(await harness.engine.wait(waiting)).toMatchObject({ state: 'FINISHED' });
    expect(await harness.engine.wait(holder)).toMatchObject({ state: 'FINISHED' });
    expect(harness.ran).toEqual([holder, waiting]);
  });

  it('nobody hears of an end that is not stored, and everybody once it is', async () => {
    const id = await holding('held');
    await fail();
    let hasEnded = false;
    const end = harness.engine.wait(id).then((row) => {
      hasEnded = true;
      return row;
    });
    harness.open('held');
    await aWhile();
    expect(hasEnded).toBe(false);
    expect(harness.statesOf(id)).toEqual(['CREATED', 'WAITING', 'EXECUTING']);
    const reader = new TaskReader(harness.engine, harness.taskStore);
    expect(await reader.status(id, ANYBODY)).toMatchObject({ state: 'EXECUTING' });
    await mend();
    expect(await end).toMatchObject({ state: 'FINISHED' });
    expect(await stateOf(id)).toBe('FINISHED');
  });

  it('a waiting task can be aborted; it is ABORTED on disk as soon as there is one', async () => {
    const holder = await holding('held');
    const waiting = await harness.submit('nothing', ['lock']);
    await fail();
    expect(await harness.engine.abort(waiting)).toBe(true);
    await mend();
    expect(await harness.engine.wait(waiting)).toMatchObject({ state: 'ABORTED' });
    harness.open('held');
    await harness.engine.wait(holder);
    expect(harness.ran).toEqual([holder]);
  });

  it('a process that dies loses nothing that was accepted before', async () => {
    const holder = await holding('held');
    const waiting = await harness.submit('nothing', ['lock']);
    await fail();
    harness.driver.trouble = null;
    await harness.restart();
    harness.engine.start();
    expect(await harness.engine.wait(holder)).toMatchObject({
      state: 'FAILED',
      error: { code: Errno.EINTR, message: 'dispatcher process died' },
    });
    expect(await harness.engine.wait(waiting)).toMatchObject({ state: 'FINISHED' });
    expect(harness.ran).toEqual([holder, waiting]);
  });

  it('a key gives no id of a submit that was refused: the same submit makes one task later', async () => {
    harness.driver.trouble = { error: diskAway, strikes: 'after' };
    await expect(harness.submitAs('key', 'nothing')).rejects.toMatchObject(refusal);
    await expect(harness.submitAs('key', 'nothing')).rejects.toMatchObject(refusal);
    await mend();
    const id = await harness.submitAs('key', 'nothing');
    expect(await harness.submitAs('key', 'nothing')).toBe(id);
    await harness.engine.wait(id);
    expect(harness.ran).toEqual([id]);
  });

  it('a subtask cannot be started, its parent hears why, and ends as such afterwards', async () => {
    harness.define('parent', {
      run: async (task) => {
        await new Promise<void>((resolve) => (goOn = resolve));
        await task.runSubtaskSync('nothing', []);
      },
    });
    let goOn: (() => void) | null = null;
    const id = await harness.submit('parent', ['lock']);
    await vi.waitUntil(() => goOn !== null);
    await fail();
    goOn!();
    await aWhile();
    await mend();
    expect(await harness.engine.wait(id)).toMatchObject({ state: 'FAILED', error: refusal });
    expect(harness.ran).toEqual([id]);
  });

  it('it goes wrong, and right again, as often as it likes', async () => {
    const holder = await holding('held');
    const accepted: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      accepted.push(await harness.submit('nothing', ['lock']));
      await fail(round % 2 === 0 ? 'before' : 'after');
      await mend();
    }
    harness.open('held');
    for (const id of accepted) {
      expect(await harness.engine.wait(id)).toMatchObject({ state: 'FINISHED' });
    }
    expect(harness.ran).toEqual([holder, ...accepted]);
    expect(harness.named('task.store_failed')).toHaveLength(10);
    expect(harness.named('task.store_recovered')).toHaveLength(10);
    const rows = (await harness.taskStore.query([], { sort: 'id' })) as StoredTask[];
    expect(rows.map(({ id }) => id)).toEqual([holder, ...accepted]);
  });
});

describe('A result that the store refuses', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

  it('makes its task fail with the reason, and no other of the same flush', async () => {
    harness.define('deep', { run: () => nested(5_000) });
    harness.define('shallow', { run: () => nested(5) });
    const ids = await Promise.all([
      harness.submit('shallow'),
      harness.submit('deep'),
      harness.submit('shallow'),
    ]);
    const rows = await Promise.all(ids.map((id) => harness.engine.wait(id)));
    expect(rows.map(({ state }) => state)).toEqual(['FINISHED', 'FAILED', 'FINISHED']);
    expect(rows[1]).toMatchObject({
      result: null,
      error: { message: expect.stringContaining('nested too deeply') as string },
    });
    expect(await stateOf(ids[1])).toBe('FAILED');
    expect(harness.taskStore.failure).toBeNull();
    expect(harness.statesOf(ids[1]).at(-1)).toBe('FAILED');
  });

  it('lets go of the locks of its task', async () => {
    harness.define('deep', { run: () => nested(5_000) });
    const deep = await harness.submit('deep', ['lock']);
    const next = await harness.submit('nothing', ['lock']);
    expect(await harness.engine.wait(next)).toMatchObject({ state: 'FINISHED' });
    expect(await harness.engine.wait(deep)).toMatchObject({ state: 'FAILED' });
  });
});

describe('A disk that is really full', () => {
  // a file system of four megabytes: not one that is imitated
  const folder = mkdtempSync(join(tmpdir(), 'full-'));
  const options = ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder];
  const isMounted = spawnSync('mount', options).status === 0;

  afterAll(() => {
    if (isMounted) spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  it.skipIf(!isMounted)(
    'makes submits fail with ENOSPC, loses nothing, and is over when there is room (needs the right to mount)',
    async () => {
      const full = await new EngineHarness(folder).start();
      try {
        full.addResource('lock');
        await full.submit('gate', ['lock'], 'held');
        await vi.waitUntil(() => full.isAt('held'));
        const filler = join(folder, 'filler');
        writeFileSync(filler, Buffer.alloc(3 * 2 ** 20));
        const accepted: number[] = [];
        let reason: unknown = null;
        while (reason === null) {
          await full
            .submit('nothing', ['lock'], 'x'.repeat(40_000))
            .then((id) => accepted.push(id))
            .catch((error: unknown) => (reason = error));
        }
        expect(reason).toMatchObject({
          code: Errno.ENOSPC,
          message: expect.stringContaining('disk is full') as string,
        });
        expect(accepted.length).toBeGreaterThan(0);
        rmSync(filler);
        await vi.waitFor(async () => {
          await full.clock.advance(10_000);
          expect(full.taskStore.failure).toBeNull();
        });
        full.open('held');
        for (const id of accepted) {
          expect(await full.engine.wait(id)).toMatchObject({ state: 'FINISHED' });
        }
        expect(full.ran.slice(1)).toEqual(accepted);
      } finally {
        await full.dispose();
      }
    },
  );
});
