import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { RenderedFile } from '../../src/etcd/model/index.js';
import { EngineHarness, outcomes } from './engine.harness.js';

/** Puts files in place and has them watched. */
async function kept(on: EngineHarness, ...files: readonly RenderedFile[]): Promise<void> {
  await on.apply(files);
  await on.manage(files);
}

const driftOf = (on: EngineHarness, name: string): unknown => on.engine.states().get(name)?.drift;

describe('a file that somebody else changes', () => {
  it('is drifted within a second, which is told once', async () => {
    const on = await EngineHarness.start();
    await kept(on, on.file('a/b.conf', 'x=1\n'));
    await writeFile(on.at('a/b.conf'), 'x=2\n');
    await expect.poll(() => driftOf(on, 'a/b.conf'), { timeout: 1_000 }).toBe('edited');
    expect(on.engine.states().get('a/b.conf')?.state).toBe('drifted');
    await on.engine.verify(null);
    await on.engine.verify(null);
    expect(on.told('etcd.drift_detected')).toEqual([{ name: 'a/b.conf', kind: 'edited' }]);
    await writeFile(on.at('a/b.conf'), 'x=3\n');
    await expect.poll(() => on.told('etcd.drift_detected').length).toBe(2);
    await writeFile(on.at('a/b.conf'), 'x=1\n');
    await expect.poll(() => driftOf(on, 'a/b.conf')).toBeNull();
  });

  it('is told by what became of it', async () => {
    const on = await EngineHarness.start();
    const names = ['edited', 'missing', 'attributes', 'symlink', 'type'];
    await kept(on, ...names.map((name) => on.file(name, 'x')));
    await writeFile(on.at('edited'), 'y');
    await rm(on.at('missing'));
    await chmod(on.at('attributes'), 0o600);
    await rm(on.at('symlink'));
    await symlink('edited', on.at('symlink'));
    await rm(on.at('type'));
    await mkdir(on.at('type'));
    const rows = await on.engine.verify(null);
    expect(rows).toEqual(names.map((name) => ({ name, path: on.at(name), kind: name })));
    expect(await on.engine.verify(['missing'])).toHaveLength(1);
  });

  it('is not one of our own writes, nor one that became what it was', async () => {
    const on = await EngineHarness.start();
    await kept(on, on.file('a', '0'));
    for (let n = 1; n <= 30; n += 1) await on.apply([on.file('a', `${n}`)]);
    await rename(on.at('a'), on.at('b'));
    await writeFile(on.at('a'), '30');
    await expect.poll(() => driftOf(on, 'a')).toBeNull();
    expect(await on.engine.verify(null)).toEqual([]);
    await on.apply([on.file('a', null)]);
    expect(await on.engine.verify(null)).toEqual([]);
    await writeFile(on.at('a'), 'back');
    await expect.poll(() => driftOf(on, 'a')).toBe('edited');
  });

  it('is kept in its history when a generation goes over it', async () => {
    const on = await EngineHarness.start();
    await kept(on, on.file('a', 'ours'));
    await writeFile(on.at('a'), 'theirs');
    expect(outcomes(await on.apply([on.file('a', 'ours')]))).toEqual({ a: 'changed' });
    const [revision] = await on.engine.history('a');
    expect(revision).toMatchObject({ origin: 'foreign', generation: null });
    expect(Buffer.from(await on.engine.revision('a', revision!.n)).toString()).toBe('theirs');
    expect(on.engine.states().get('a')).toMatchObject({ state: 'clean', drift: null });
  });

  it('is right once it is accepted, until it changes again', async () => {
    const on = await EngineHarness.start();
    await kept(on, on.file('a', 'ours'));
    await writeFile(on.at('a'), 'theirs');
    expect(await on.engine.verify(null)).toHaveLength(1);
    await on.engine.accept('a');
    expect(await on.engine.verify(null)).toEqual([]);
    expect(on.engine.states().get('a')?.state).toBe('clean');
    await on.restart();
    expect(await on.engine.verify(null)).toEqual([]);
    await on.apply([on.file('a', 'ours')]);
    const [revision] = await on.engine.history('a');
    expect(revision).toMatchObject({ origin: 'foreign' });
    await expect(on.engine.accept('nope')).rejects.toMatchObject({ code: 2 });
  });

  it('is asked to be restored under that policy, three times in ten minutes', async () => {
    const on = await EngineHarness.start({ drift: { policy: 'restore' } });
    await kept(on, on.file('a', 'ours'), on.file('b', 'ours', { drift: 'ignore' }));
    for (let n = 1; n <= 5; n += 1) {
      await writeFile(on.at('a'), `theirs ${n}`);
      await writeFile(on.at('b'), `theirs ${n}`);
      await on.engine.verify(null);
      await on.apply([on.file('a', 'ours')]);
    }
    expect(on.restored).toEqual([['a'], ['a'], ['a']]);
    expect(on.lines.join()).toContain('restored too often');
    expect(on.told('etcd.drift_detected').some(({ name }) => name === 'b')).toBe(false);
  });

  it('is found by the scan where its folder was exchanged', async () => {
    const on = await EngineHarness.start({ drift: { intervalS: 0.1 } });
    await kept(on, on.file('p/a', 'ours'));
    await rename(on.at('p'), on.at('q'));
    await expect.poll(() => driftOf(on, 'p/a')).toBe('missing');
    await mkdir(on.at('p'));
    await writeFile(on.at('p/a'), 'theirs');
    await expect.poll(() => driftOf(on, 'p/a')).toBe('edited');
  });
});

describe('history', () => {
  it('counts the contents that a file had, the newest first, and brings one back', async () => {
    const on = await EngineHarness.start();
    for (const content of ['one', 'two', 'three']) {
      await on.apply([on.file('a', content, { mode: content === 'one' ? 0o600 : 0o644 })]);
    }
    const history = await on.engine.history('a');
    expect(history.map(({ n, size, mode, origin }) => [n, size, mode, origin])).toEqual([
      [2, 3, 0o644, 'generated'],
      [1, 3, 0o600, 'generated'],
    ]);
    const report = await on.engine.rollback('a', 1, 'task:7');
    expect(report).toMatchObject({ reason: 'task:7', files: [{ outcome: 'changed' }] });
    expect(await on.read('a')).toBe('one');
    expect((await on.engine.history('a')).map(({ n }) => n)).toEqual([3, 2, 1]);
    await expect(on.engine.rollback('a', 99, 'call')).rejects.toMatchObject({ code: 2 });
    await expect(on.engine.history('nope')).rejects.toMatchObject({ code: 2 });
  });

  it('is asked by the validators and told to the programs, as any content', async () => {
    const on = await EngineHarness.start();
    const validate = [['grep', '-q', 'good', '{path}']];
    await on.apply([on.file('a', 'bad')]);
    const good = on.file('a', 'good', { validate });
    await kept(on, good);
    const report = await on.engine.rollback('a', 1, 'call');
    expect(report.files[0]).toMatchObject({ outcome: 'failed', error: { stage: 'validate' } });
    expect(await on.read('a')).toBe('good');
  });

  it('stays within its bounds: so many of each file, so much of all', async () => {
    const on = await EngineHarness.start({ backups: { count: 3, maxMib: 1 } });
    for (let n = 0; n < 8; n += 1) await on.apply([on.file('a', `content ${n}`)]);
    expect((await on.engine.history('a')).map(({ n }) => n)).toEqual([7, 6, 5]);
    for (let n = 0; n < 4; n += 1) {
      await on.apply([on.file('big', Buffer.alloc(400_000, `${n}`))]);
    }
    expect((await on.engine.history('big')).map(({ n }) => n)).toEqual([3, 2]);
    expect(await on.engine.history('a')).toEqual([]);
  });

  it('is there after a start, private, and without a digest that tells the content', async () => {
    const on = await EngineHarness.start();
    await on.apply([on.file('a', 'hunter22', { sensitive: true, mode: 0o600 })]);
    await on.apply([on.file('a', 'other', { sensitive: true, mode: 0o600 })]);
    await on.restart();
    const [revision] = await on.engine.history('a');
    expect(Buffer.from(await on.engine.revision('a', revision!.n)).toString()).toBe('hunter22');
    const { createHash } = await import('node:crypto');
    const digest = createHash('sha256').update('hunter22').digest('hex');
    const journal = await readFile(`${on.state}/journal`, 'utf8');
    expect(journal).not.toContain(digest);
    expect(journal).not.toContain('hunter22');
  });
});

describe('the folder for state', () => {
  it('belongs to one process', async () => {
    const on = await EngineHarness.start();
    const { engineOn } = await import('./engine-on.js');
    await expect(engineOn(on.folder).open()).rejects.toThrow('in use by another process');
  });

  it('survives a journal whose end is cut off, and one of noise', async () => {
    const on = await EngineHarness.start();
    await on.apply([on.file('a', 'x'), on.file('b', 'x')]);
    await on.engine.close();
    const text = await readFile(`${on.state}/journal`, 'utf8');
    await writeFile(`${on.state}/journal`, `\u0000\n[]\nnull\n{"kind":"x"}\n${text.slice(0, -30)}`);
    await on.restart();
    expect([...on.engine.states().keys()]).toEqual(['a']);
    expect(outcomes(await on.apply([on.file('a', 'x'), on.file('b', 'x')]))).toEqual({
      a: 'unchanged',
      b: 'unchanged',
    });
  });

  it('holds what is left of before: temporary files go, and only ours', async () => {
    const on = await EngineHarness.start();
    await on.apply([on.file('p/a', 'x')]);
    await on.engine.close();
    await writeFile(on.at('p/.a.g7-1.tmp'), 'half');
    await writeFile(on.at('p/.other.g7-1.tmp'), 'theirs');
    await writeFile(on.at('p/a.tmp'), 'theirs');
    await on.restart();
    expect(await on.names()).toEqual(['p', 'p/.other.g7-1.tmp', 'p/a', 'p/a.tmp']);
  });
});
