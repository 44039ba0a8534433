import { describe, expect, it } from 'vitest';
import { EngineHarness, outcomes } from './engine.harness.js';
import { reloader } from './reloader.js';

describe('a plan', () => {
  it('says what would be done, with differences, and writes nothing below the root', async () => {
    const on = await EngineHarness.start();
    const { action, runs } = await reloader(on, 'reload');
    await on.apply([on.file('a', 'one\ntwo\nthree\n'), on.file('gone', 'x\n')]);
    const before = [await on.names(), await on.identity('a')];
    const report = await on.engine.plan(
      on.generation([
        on.file('a', 'one\n2\nthree\n', { reload: [action] }),
        on.file('p/new', 'n\n'),
        on.file('gone', null),
        on.file('secret', 'hunter22', { sensitive: true, mode: 0o600 }),
        on.file('bad', 'x', { owner: 'nobody-at-all' }),
      ]),
    );
    expect(outcomes(report)).toEqual({
      a: 'changed',
      'p/new': 'created',
      gone: 'removed',
      secret: 'created',
      bad: 'failed',
    });
    const path = on.at('a');
    expect(report.files[0]?.diff).toBe(
      `--- ${path}\n+++ ${path}\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n`,
    );
    expect(report.files[1]?.diff).toContain('--- /dev/null');
    expect(report.files[3]?.diff).toBeUndefined();
    expect(report.actions).toEqual([{ action, outcome: 'planned' }]);
    expect([await on.names(), await on.identity('a')]).toEqual(before);
    expect(await runs()).toEqual([]);
  });

  it('of large files that differ all over stays short and quick', async () => {
    const on = await EngineHarness.start();
    const lines = (seed: number): string =>
      Array.from({ length: 100_000 }, (_, index) => `${(index * seed) % 7919}`).join('\n');
    await on.apply([on.file('a', lines(31))]);
    const start = performance.now();
    const report = await on.engine.plan(on.generation([on.file('a', lines(37))]));
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(Buffer.byteLength(report.files[0]?.diff ?? '')).toBeLessThanOrEqual(64 * 1024);
  });
});

describe('a generation that has to be confirmed', () => {
  it('stays when it is', async () => {
    const on = await EngineHarness.start();
    await on.apply([on.file('a', 'old')]);
    const report = await on.apply([on.file('a', 'new')], { confirmSeconds: 1 });
    await on.engine.confirm(report.id);
    await expect(on.engine.confirm(report.id)).rejects.toMatchObject({ code: 2 });
    await on.restart();
    expect(await on.read('a')).toBe('new');
  });

  it('is taken back when it is not, and its action runs', async () => {
    const on = await EngineHarness.start();
    const { action, runs } = await reloader(on, 'reload', { looksAt: ['a'] });
    await on.apply([on.file('a', 'old')]);
    await on.apply([on.file('a', 'new', { reload: [action] }), on.file('b', 'x')], {
      confirmSeconds: 0.2,
    });
    expect(await on.read('a')).toBe('new');
    await expect.poll(() => on.told('etcd.file_rolled_back')).toHaveLength(2);
    expect(await runs()).toEqual(['new', 'old']);
    expect(await on.names()).toEqual(['a']);
    expect(on.engine.states().get('a')).toMatchObject({ outcome: 'rolled_back' });
  });

  it('is taken back after a start too, when its time is over by then', async () => {
    const on = await EngineHarness.start();
    await on.apply([on.file('a', 'old')]);
    await on.apply([on.file('a', 'new')], { confirmSeconds: 0.3 });
    await on.engine.close();
    await expect.poll(() => on.read('a')).toBe('new');
    await on.restart();
    await expect.poll(() => on.read('a')).toBe('old');
  });

  it('leaves alone what was changed since', async () => {
    const on = await EngineHarness.start();
    await on.apply([on.file('a', 'old')]);
    await on.apply([on.file('a', 'new')], { confirmSeconds: 0.2 });
    await on.apply([on.file('a', 'newest')]);
    await expect.poll(() => on.lines.join()).toContain('not taken back');
    expect(await on.read('a')).toBe('newest');
  });

  it.each([0, -1, Number.NaN, 1e9])('takes no time of %s', async (confirmSeconds) => {
    const on = await EngineHarness.start();
    await expect(
      Promise.resolve().then(() => on.apply([on.file('a', 'x')], { confirmSeconds })),
    ).rejects.toMatchObject({ code: 22 });
    expect(await on.names()).toEqual([]);
  });
});
