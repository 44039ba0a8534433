import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { GenerationReport } from '../../src/etcd/model/index.js';
import { type EtcdForm, EtcdGround } from './etcd-ground.js';

const isRoot = process.getuid!() === 0;
const WAIT = { timeout: 10_000, interval: 50 };
const RELOADED = ['r/1', 'r/2', 'r/3'] as const;

interface Refusal {
  readonly extra: GenerationReport;
}

// What is done with files on the disk, from the call to the bytes; the numbers are those of the contract's cases
describe.each<EtcdForm>(['process', 'embedded'])('etcd, %s, on the disk,', (form) => {
  const ground = new EtcdGround(form);
  const tool = (name: string): string => join(ground.folder, name);
  const path = (name: string): string => join(ground.root, name);
  const lines = (name: string): string[] =>
    existsSync(tool(name)) ? readFileSync(tool(name), 'utf8').trim().split('\n') : [];

  function script(name: string, body: string): string {
    writeFileSync(tool(name), `#!/bin/sh\n${body}\n`);
    chmodSync(tool(name), 0o755);
    return tool(name);
  }

  const failed = async (name: string): Promise<GenerationReport> => {
    const error: unknown = await ground.generate(name).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 5 });
    return (error as Refusal).extra;
  };

  beforeAll(async () => {
    const judge = script(
      'judge',
      `printf '%s\\n' "$2" > ${tool('judged')}; stat -c %a "$1" >> ${tool('judged')}; cat "$1" >> ${tool('judged')}
       if grep -q evil "$1"; then echo "evil is not allowed" >&2; exit 1; fi`,
    );
    const reload = script(
      'reload',
      `cat ${RELOADED.map(path).join(' ')} | grep -v Generated | tr '\\n' ' ' >> ${tool('reloads')}; echo >> ${tool('reloads')}
       test ! -e ${tool('broken')}`,
    );
    const reloaded = JSON.stringify({
      data: { v: { config: 'c.r' } },
      groups: ['reloaded'],
      mode: '0640',
      reload: { command: [reload] },
    });
    ground.put({
      'judged.liquid': 'v={{ v }}\n',
      'judged.meta.json': JSON.stringify({
        data: { v: { config: 'c.judged' } },
        mode: '0600',
        validate: [judge, '{path}', '$HOME; rm'],
      }),
      ...Object.fromEntries(
        RELOADED.flatMap((name) => [
          [`${name}.liquid`, '{{ v }}\n'],
          [`${name}.meta.json`, reloaded],
        ]),
      ),
      'r/new.liquid': '{{ v }}\n',
      'r/new.meta.json': JSON.stringify({
        ...(JSON.parse(reloaded) as object),
        enabled: { config: 'c.new' },
      }),
      'owned.static': 'owned',
      'owned.meta.json': '{ "mode": "0600", "owner": "nobody", "checkpoint": null }',
      'unowned.static': 'x',
      'unowned.meta.json': '{ "owner": "nobody-at-all", "checkpoint": null }',
      'linked.static': 'new',
      'linked.meta.json': '{ "checkpoint": null }',
      'replaced.static': 'new',
      'replaced.meta.json': '{ "symlink": "replace", "checkpoint": null }',
      'away/inside.static': 'new',
      'away/inside.meta.json': '{ "checkpoint": null }',
      'edited.static': 'ours\n',
    });
    await ground.startAll({ actions: 'run' });
    await ground.set({ 'c.judged': 'good', 'c.r': 'one' });
    await vi.waitFor(() => {
      for (const name of RELOADED) expect(ground.body(name)).toBe('one\n');
      expect(ground.body('judged')).toBe('v=good\n');
    }, WAIT);
  });
  afterAll(() => ground.stop());

  it('shows a validator the new content and mode, its words as they are (10)', () => {
    expect(lines('judged').slice(0, 2)).toEqual(['$HOME; rm', '600']);
    expect(lines('judged').at(-1)).toBe('v=good');
  });

  it('leaves a file alone that a validator refuses (9)', async () => {
    await ground.set({ 'c.judged': 'evil' });
    const [file] = (await failed('judged')).files;
    expect(file).toMatchObject({
      outcome: 'failed',
      error: {
        stage: 'validate',
        message: expect.stringContaining('evil is not allowed') as string,
      },
    });
    expect(ground.body('judged')).toBe('v=good\n');
    expect(readdirSync(ground.root).filter((name) => name.includes('tmp'))).toEqual([]);
    await ground.set({ 'c.judged': 'good' });
  });

  it('reloads once, when all files are there, and not when none changed (11)', async () => {
    const before = lines('reloads').length;
    await ground.set({ 'c.r': 'two' });
    for (const name of RELOADED) await expect.poll(() => ground.body(name)).toBe('two\n');
    await expect.poll(() => lines('reloads').length).toBe(before + 1);
    expect(lines('reloads').at(-1)?.trim()).toBe('two two two');
    const report = await ground.call<GenerationReport>(
      'etcd.generation.generate_group',
      'reloaded',
    );
    expect(report.actions).toEqual([]);
    expect(lines('reloads')).toHaveLength(before + 1);
  });

  it('takes back what a reload fails for, the new file too, and reloads once more (12)', async () => {
    const before = lines('reloads').length;
    writeFileSync(tool('broken'), '');
    await ground.set({ 'c.r': 'three', 'c.new': true });
    await expect
      .poll(() => ground.named('etcd.file_rolled_back').map(({ name }) => name), { timeout: 5_000 })
      .toEqual(expect.arrayContaining([...RELOADED, 'r/new']));
    for (const name of RELOADED) {
      expect(ground.body(name)).toBe('two\n');
      expect(statSync(path(name)).mode & 0o777).toBe(0o640);
    }
    expect(existsSync(path('r/new'))).toBe(false);
    // the report follows the events of its files
    const latest = (): Promise<unknown> =>
      ground.call('etcd.generation.query', [], { sort: ['-started_at'], limit: 1 });
    await expect.poll(latest, { timeout: 5_000 }).toMatchObject([
      {
        files: expect.arrayContaining([expect.objectContaining({ outcome: 'rolled_back' })]) as [],
      },
    ]);
    expect(
      lines('reloads')
        .slice(before)
        .map((line) => line.trim()),
    ).toEqual(['three three three', 'two two two']);
    expect(ground.named('etcd.file_generated').filter(({ name }) => name === 'r/new')).toEqual([]);
    rmSync(tool('broken'));
    await ground.set({ 'c.r': 'two', 'c.new': false });
  });

  it.runIf(isRoot)('gives files to their owners, and knows who there is (19)', async () => {
    await ground.generate('owned');
    const { uid, mode } = statSync(path('owned'));
    expect([uid, mode & 0o777]).toEqual([65_534, 0o600]);
    const [file] = (await failed('unowned')).files;
    expect(file).toMatchObject({
      error: { stage: 'commit', message: expect.stringContaining('no such user') as string },
    });
    expect(existsSync(path('unowned'))).toBe(false);
  });

  it('follows no link, replaces one where that is declared (20)', async () => {
    writeFileSync(tool('outside'), 'theirs');
    mkdirSync(tool('elsewhere'));
    for (const name of ['linked', 'replaced']) symlinkSync(tool('outside'), path(name));
    symlinkSync(tool('elsewhere'), path('away'));
    for (const name of ['linked', 'away/inside']) {
      expect((await failed(name)).files[0]).toMatchObject({ outcome: 'failed' });
    }
    expect(lstatSync(path('linked')).isSymbolicLink()).toBe(true);
    await ground.generate('replaced');
    expect(lstatSync(path('replaced')).isFile()).toBe(true);
    expect(readFileSync(path('replaced'), 'utf8')).toContain('new');
    expect(readFileSync(tool('outside'), 'utf8')).toBe('theirs');
    expect(readdirSync(tool('elsewhere'))).toEqual([]);
  });

  it('notices what somebody writes by hand, and keeps it when it writes its own (24)', async () => {
    writeFileSync(path('edited'), 'by hand');
    const row = (): Promise<unknown> =>
      ground.call('etcd.file.query', [['name', '=', 'edited']], { single: true });
    await expect.poll(row, { timeout: 3_000 }).toMatchObject({ state: 'drifted', drift: 'edited' });
    const told = (): unknown[] =>
      ground.named('etcd.drift_detected').filter(({ name }) => name === 'edited');
    await expect.poll(told).toEqual([expect.objectContaining({ kind: 'edited' })]);
    await ground.call('etcd.generation.restore', 'edited');
    expect(ground.body('edited')).toBe('ours\n');
    const [newest] = await ground.call<{ readonly n: number }[]>(
      'etcd.generation.history',
      'edited',
    );
    const bytes = await ground.call<Uint8Array>(
      'etcd.generation.get_revision',
      'edited',
      newest?.n,
    );
    expect(Buffer.from(bytes).toString()).toBe('by hand');
    expect(told()).toHaveLength(1);
  });
});
