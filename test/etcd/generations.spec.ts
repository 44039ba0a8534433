import { execFileSync } from 'node:child_process';
import { chown, mkdir, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/etcd/model/index.js';
import { EngineHarness, outcomes } from './engine.harness.js';
import { reloader } from './reloader.js';

const isRoot = process.getuid?.() === 0;

describe('actions', () => {
  it('run once for all files that name them, after all of them are in place', async () => {
    const on = await EngineHarness.start();
    const { action, runs } = await reloader(on, 'reload', { looksAt: ['a', 'b', 'c'] });
    const files = ['a', 'b', 'c'].map((name) => on.file(name, `${name}\n`, { reload: [action] }));
    const report = await on.apply(files);
    expect(await runs()).toEqual(['a b c ']);
    expect(report.actions).toEqual([{ action, outcome: 'done', code: 0 }]);
    expect(on.told('etcd.action_finished')).toHaveLength(1);
    await on.apply(files);
    expect(await runs()).toHaveLength(1);
  });

  it.each([
    ['log', 'logged'],
    ['off', 'off'],
  ] as const)('do not run under actions: %s', async (actions, outcome) => {
    const on = await EngineHarness.start({ actions });
    const { action, runs } = await reloader(on, 'reload');
    const report = await on.apply([on.file('a', 'x', { reload: [action] })]);
    expect(report.actions).toEqual([{ action, outcome }]);
    expect(await runs()).toEqual([]);
  });

  it('that fail take back every file that named them, and run once more', async () => {
    const on = await EngineHarness.start();
    const { action, runs } = await reloader(on, 'reload', { fails: 99, looksAt: ['a', 'b', 'c'] });
    await on.apply([on.file('a', 'old a\n', { mode: 0o640 }), on.file('b', 'old b\n')]);
    if (isRoot) await chown(on.at('a'), 1, 8);
    const before = await stat(on.at('a'));
    on.events.length = 0;
    const report = await on.apply(
      ['a', 'b', 'sub/c', 'd'].map((name) =>
        on.file(name, `new ${name}\n`, name === 'd' ? {} : { reload: [action] }),
      ),
    );
    expect(outcomes(report)).toEqual({
      a: 'rolled_back',
      b: 'rolled_back',
      'sub/c': 'rolled_back',
      d: 'created',
    });
    expect(report.files[0]?.error).toMatchObject({ stage: 'action', output: 'reload says no\n' });
    expect(report.files[0]?.error?.message).toContain('failed (exit 7): reload says no');
    expect(await on.read('a')).toBe('old a\n');
    expect(await on.read('b')).toBe('old b\n');
    expect(await on.names()).toEqual(['a', 'b', 'd']);
    const after = await stat(on.at('a'));
    expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
    expect(await runs()).toEqual(['new a new b ', 'old a old b ']);
    expect(on.told('etcd.file_rolled_back')).toHaveLength(3);
    expect(on.told('etcd.file_generated').map(({ name }) => name)).toEqual(['d']);
  });

  it('that failed are tried again by the next generation, which then succeeds', async () => {
    const on = await EngineHarness.start();
    const { action, runs } = await reloader(on, 'reload', { fails: 2 });
    const file = on.file('a', 'x', { reload: [action] });
    expect(outcomes(await on.apply([file]))).toEqual({ a: 'rolled_back' });
    expect(outcomes(await on.apply([file]))).toEqual({ a: 'created' });
    expect(await runs()).toHaveLength(3);
    expect(on.engine.states().get('a')).toMatchObject({ state: 'clean', error: null });
  });

  it('that ran before for a file that goes back are told of that too', async () => {
    const on = await EngineHarness.start();
    const first = await reloader(on, 'first', { looksAt: ['a'] });
    const second = await reloader(on, 'second', { fails: 99 });
    await on.apply([on.file('a', 'old')]);
    await on.apply([on.file('a', 'new', { reload: [first.action, second.action] })]);
    expect(await first.runs()).toEqual(['new', 'old']);
    expect(await second.runs()).toHaveLength(2);
  });

  it('bring back removed files and replaced links', async () => {
    const on = await EngineHarness.start();
    const { action } = await reloader(on, 'reload', { fails: 99 });
    await on.apply([on.file('a', 'old')]);
    await symlink('a', on.at('l'));
    const reload = [action];
    const report = await on.apply([
      on.file('a', null, { reload }),
      on.file('l', 'new', { reload, symlink: 'replace' }),
    ]);
    expect(outcomes(report)).toEqual({ a: 'rolled_back', l: 'rolled_back' });
    expect(await on.read('a')).toBe('old');
    expect(await readlink(on.at('l'))).toBe('a');
    expect(await on.names()).toEqual(['a', 'l']);
  });

  it('bring back a mode that was all that changed', async () => {
    const on = await EngineHarness.start();
    const { action } = await reloader(on, 'reload', { fails: 99 });
    await on.apply([on.file('a', 'x')]);
    await on.apply([on.file('a', 'x', { mode: 0o600, reload: [action], reloadOn: 'any' })]);
    expect((await stat(on.at('a'))).mode & 0o777).toBe(0o644);
  });

  it('that take too long are killed, and have failed', async () => {
    const on = await EngineHarness.start({ limits: { actionMs: 200 } });
    const reload: Action[] = [{ command: ['/bin/sleep', '60'] }];
    const report = await on.apply([on.file('a', 'x', { reload })]);
    expect(report.actions.map(({ outcome }) => outcome)).toEqual(['timed_out', 'timed_out']);
    expect(outcomes(report)).toEqual({ a: 'rolled_back' });
  });

  it('call methods of the dispatcher, whose error is theirs', async () => {
    const on = await EngineHarness.start();
    const calls: unknown[] = [];
    on.link = (method, args) => {
      calls.push([method, ...args]);
      return Promise.resolve(null);
    };
    const reload: Action[] = [{ call: ['service.reload', 'ntpd', { soft: true }] }];
    await on.apply([on.file('a', 'x', { reload })]);
    expect(calls).toEqual([['service.reload', 'ntpd', { soft: true }]]);
    on.link = () => Promise.reject(new Error('no such service'));
    const report = await on.apply([on.file('a', 'y', { reload })]);
    expect(report.files[0]?.error?.message).toContain('no such service');
    expect(await on.read('a')).toBe('x');
    on.link = () => new Promise(() => undefined);
  });

  it('signal the process of a pidfile, and no other', async () => {
    const on = await EngineHarness.start();
    const pidfile = join(on.folder, 'pid');
    const reload: Action[] = [{ signal: 'SIGUSR2', pidfile }];
    const outcomeOf = async (content: string): Promise<string | undefined> =>
      (await on.apply([on.file('a', content, { reload })])).actions[0]?.outcome;
    expect(await outcomeOf('0')).toBe('not-running');
    await writeFile(pidfile, '4194304\n');
    expect(await outcomeOf('1')).toBe('not-running');
    for (const pid of ['1', '-1', '0', 'abc', '']) {
      await writeFile(pidfile, pid);
      expect(await outcomeOf(`bad ${pid}`), pid).toBe('failed');
    }
    let signals = 0;
    const count = (): void => void (signals += 1);
    process.on('SIGUSR2', count);
    try {
      await writeFile(pidfile, `${process.pid}\n`);
      expect(await outcomeOf('2')).toBe('done');
      await expect.poll(() => signals).toBe(1);
      if (isRoot) {
        await chown(pidfile, 12345, 12345);
        expect(await outcomeOf('3')).toBe('failed');
      }
    } finally {
      process.off('SIGUSR2', count);
    }
  });

  it('of a unit that does not run are no error', async () => {
    const on = await EngineHarness.start();
    const reload: Action[] = [
      { unit: 'etcd-test-no-such.service', action: 'reload-or-restart' },
      { unit: '--help', action: 'reload' },
    ];
    const report = await on.apply([on.file('a', 'x', { reload: [reload[0]!] })]);
    expect(report.actions[0]?.outcome).toBe('not-running');
    expect(outcomes(report)).toEqual({ a: 'created' });
    const refused = await on.apply([on.file('a', 'y', { reload: [reload[1]!] })]);
    expect(refused.actions[0]).toMatchObject({ outcome: 'failed' });
  });

  it('keep secrets in what they print to themselves', async () => {
    const on = await EngineHarness.start();
    on.redactor.add('hunter22');
    const reload: Action[] = [{ command: ['/bin/sh', '-c', 'echo hunter22; exit 1'] }];
    const report = await on.apply([on.file('a', 'x', { reload })]);
    expect(JSON.stringify([report, on.events, on.lines])).not.toContain(
      'echo hunter22; exit 1: hunter22',
    );
    expect(report.files[0]?.error?.output).toBe('<hidden>\n');
  });
});

describe('sets of files', () => {
  it('of which one fails: the others come, but for those that wait for it', async () => {
    const on = await EngineHarness.start();
    const report = await on.apply([
      {
        ...on.file('bad', ''),
        rendering: { kind: 'failed', error: { stage: 'render', message: 'no' } },
      },
      on.file('good', 'x'),
      on.file('next', 'x', { after: ['bad'] }),
      on.file('later', 'x', { after: ['next', 'unknown'] }),
      on.file('off', 'x'),
    ]);
    expect(outcomes(report)).toEqual({
      bad: 'failed',
      good: 'created',
      next: 'skipped',
      later: 'skipped',
      off: 'created',
    });
    expect(await on.names()).toEqual(['good', 'off']);
  });

  it('that are atomic come all or not at all, whichever stage fails', async () => {
    const on = await EngineHarness.start();
    const names = ['a', 'b', 'c'];
    const atomicSets = [{ group: 'g', names }];
    await on.apply(names.map((name) => on.file(name, 'old')));
    const fresh = names.map((name) => on.file(name, 'new'));
    const [, b] = fresh;
    const spoiled = {
      render: { ...b!, rendering: { kind: 'failed', error: { stage: 'render', message: 'no' } } },
      validate: on.file('b', 'new', { validate: [['/bin/false']] }),
      commit: on.file('b', 'new', { owner: 'nobody-at-all' }),
    } as const;
    for (const [stage, bad] of Object.entries(spoiled)) {
      const report = await on.apply([fresh[0]!, bad, fresh[2]!], { atomicSets });
      expect(outcomes(report), stage).toEqual({ a: 'skipped', b: 'failed', c: 'skipped' });
      expect(report.files.filter(({ error }) => error !== undefined)).toHaveLength(1);
      for (const name of names) expect(await on.read(name)).toBe('old');
      expect(await on.names()).toEqual(names);
    }
  });

  it.runIf(isRoot)(
    'that are atomic go back when the last of them cannot be put in place',
    async () => {
      const on = await EngineHarness.start();
      const atomicSets = [{ group: 'g', names: ['a', 'p/b', 'c'] }];
      await mkdir(on.at('p'));
      await writeFile(join(on.folder, 'source'), 'mounted');
      await writeFile(on.at('p/b'), '');
      execFileSync('mount', ['--bind', join(on.folder, 'source'), on.at('p/b')]);
      try {
        const report = await on.apply(
          ['a', 'p/b', 'c'].map((name) => on.file(name, 'new')),
          { atomicSets },
        );
        expect(outcomes(report)).toEqual({ a: 'rolled_back', 'p/b': 'failed', c: 'skipped' });
        expect(await on.names()).toEqual(['p', 'p/b']);
      } finally {
        execFileSync('umount', [on.at('p/b')]);
      }
    },
  );

  it('that are atomic go back together when the action of one fails', async () => {
    const on = await EngineHarness.start();
    const reload: Action[] = [{ command: ['/bin/false'] }];
    const report = await on.apply(
      [on.file('a', 'x', { reload }), on.file('b', 'x'), on.file('c', 'x')],
      {
        atomicSets: [{ group: 'g', names: ['a', 'b'] }],
      },
    );
    expect(outcomes(report)).toEqual({ a: 'rolled_back', b: 'rolled_back', c: 'created' });
    expect(await on.names()).toEqual(['c']);
  });

  it('are put in place in the order in which they are given', async () => {
    const on = await EngineHarness.start();
    const names = ['z', 'a', 'm'];
    await on.apply(names.map((name) => on.file(name, 'x')));
    const times = await Promise.all(
      names.map(async (name) => (await stat(on.at(name), { bigint: true })).ctimeNs),
    );
    expect([...times].sort()).toEqual(times);
  });

  it('leave what is disabled as it is', async () => {
    const on = await EngineHarness.start();
    await writeFile(on.at('a'), 'theirs');
    const report = await on.apply([{ ...on.file('a', 'x'), rendering: { kind: 'disabled' } }]);
    expect(outcomes(report)).toEqual({ a: 'disabled' });
    expect(await on.read('a')).toBe('theirs');
  });

  it('of two generations at once are put in place one after the other', async () => {
    const on = await EngineHarness.start();
    const reports = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        on.apply([on.file('a', `${index}`), on.file('b', `${index}`)]),
      ),
    );
    expect(reports.every(({ files }) => files.every(({ outcome }) => outcome !== 'failed'))).toBe(
      true,
    );
    expect([await on.read('a'), await on.read('b')]).toEqual(['19', '19']);
  });
});
