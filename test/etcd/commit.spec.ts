import { execFileSync } from 'node:child_process';
import { link, lstat, mkdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EngineHarness, outcomes } from './engine.harness.js';

const isRoot = process.getuid?.() === 0;

describe('a file on its way to its place', () => {
  it('is created with its mode and its parents, and an event with its absolute name', async () => {
    const on = await EngineHarness.start();
    const report = await on.apply([on.file('a/b.conf', 'x=1\n')]);
    expect(report.files).toEqual([
      { name: 'a/b.conf', path: on.at('a/b.conf'), outcome: 'created', changes: ['contents'] },
    ]);
    expect(await on.read('a/b.conf')).toBe('x=1\n');
    expect((await stat(on.at('a/b.conf'))).mode & 0o7777).toBe(0o644);
    expect((await stat(on.at('a'))).mode & 0o7777).toBe(0o755);
    expect(on.told('etcd.file_generated')).toEqual([
      {
        filename: on.at('a/b.conf'),
        name: 'a/b.conf',
        changes: ['contents'],
        generation: report.id,
      },
    ]);
  });

  it('is left alone when nothing of it is other: no inode, no time, no event, no action', async () => {
    const on = await EngineHarness.start();
    const log = join(on.folder, 'log');
    const file = on.file('b.conf', 'x=1\n', {
      reload: [{ command: ['/bin/sh', '-c', `echo run >> ${log}`] }],
    });
    await on.apply([file]);
    const before = await on.identity('b.conf');
    on.events.length = 0;
    const report = await on.apply([file]);
    expect(outcomes(report)).toEqual({ 'b.conf': 'unchanged' });
    expect(report.actions).toEqual([]);
    expect(await on.identity('b.conf')).toBe(before);
    expect(on.events).toEqual([]);
    expect(await readFile(log, 'utf8')).toBe('run\n');
  });

  it('keeps its inode when only its attributes are other, and says which', async () => {
    const on = await EngineHarness.start();
    await on.apply([on.file('b.conf', 'x')]);
    const { ino } = await stat(on.at('b.conf'));
    const report = await on.apply([on.file('b.conf', 'x', { mode: 0o600 })]);
    expect(report.files[0]).toMatchObject({ outcome: 'changed', changes: ['mode'] });
    const after = await stat(on.at('b.conf'));
    expect([after.ino, after.mode & 0o7777]).toEqual([ino, 0o600]);
  });

  it('does not reload for attributes unless it was declared so', async () => {
    const on = await EngineHarness.start();
    const reload = [{ command: ['/bin/true'] }];
    await on.apply([on.file('b', 'x', { reload })]);
    expect((await on.apply([on.file('b', 'x', { reload, mode: 0o600 })])).actions).toEqual([]);
    const any = { reload, mode: 0o640, reloadOn: 'any' as const };
    expect((await on.apply([on.file('b', 'x', any)])).actions).toHaveLength(1);
  });

  it.runIf(isRoot)('belongs to whom it says, by name and by number', async () => {
    const on = await EngineHarness.start();
    await on.apply([on.file('b', 'x', { owner: 'daemon', group: 'mail', mode: 0o600 })]);
    const { uid, gid, mode } = await stat(on.at('b'));
    expect([uid, gid, mode & 0o7777]).toEqual([1, 8, 0o600]);
    const report = await on.apply([on.file('b', 'x', { owner: 12345, group: 8, mode: 0o600 })]);
    expect(report.files[0]?.changes).toEqual(['owner']);
    expect((await stat(on.at('b'))).uid).toBe(12345);
  });

  it.runIf(isRoot)('makes parents as its metadata says', async () => {
    const on = await EngineHarness.start();
    const directory = { mode: 0o750, owner: 'daemon', group: 'daemon' };
    await on.apply([on.file('p/q/b', 'x', { directory })]);
    const { uid, gid, mode } = await stat(on.at('p/q'));
    expect([uid, gid, mode & 0o7777]).toEqual([1, 1, 0o750]);
  });

  it('fails at commit for an owner that nobody knows, and leaves nothing', async () => {
    const on = await EngineHarness.start();
    const report = await on.apply([on.file('p/b', 'x', { owner: 'nobody-at-all' })]);
    expect(report.files[0]).toMatchObject({
      outcome: 'failed',
      error: { stage: 'commit', message: 'no such user: nobody-at-all' },
    });
    expect(await on.names()).toEqual([]);
    expect(on.told('etcd.file_failed')).toHaveLength(1);
  });

  it('is removed when it must not exist, and its content is in its history', async () => {
    const on = await EngineHarness.start();
    await on.apply([on.file('b', 'old')]);
    expect(outcomes(await on.apply([on.file('b', null)]))).toEqual({ b: 'removed' });
    expect(await on.names()).toEqual([]);
    expect(on.told('etcd.file_removed')).toHaveLength(1);
    expect(outcomes(await on.apply([on.file('b', null)]))).toEqual({ b: 'unchanged' });
    const [revision] = await on.engine.history('b');
    expect(revision).toMatchObject({ origin: 'generated', size: 3 });
    expect(Buffer.from(await on.engine.revision('b', revision!.n)).toString()).toBe('old');
  });

  it('is unchanged when it must not exist and its folder does not either', async () => {
    const on = await EngineHarness.start();
    expect(outcomes(await on.apply([on.file('p/q/b', null)]))).toEqual({ 'p/q/b': 'unchanged' });
    expect(await on.names()).toEqual([]);
  });

  it('takes a name of 255 bytes and an empty content', async () => {
    const on = await EngineHarness.start();
    const name = 'n'.repeat(255);
    expect(outcomes(await on.apply([on.file(name, '')]))).toEqual({ [name]: 'created' });
    expect(await on.names()).toEqual([name]);
  });

  it.runIf(isRoot)(
    'keeps extended attributes and access control lists of the old file',
    async () => {
      const on = await EngineHarness.start();
      await on.apply([on.file('b', 'x')]);
      const python = (code: string): string =>
        execFileSync('python3', ['-c', `import os\n${code}`], { encoding: 'utf8' }).trim();
      // user 1 may read: version 2, then user_obj rw, user 1 r, group_obj r, mask r, other none
      const acl =
        '02000000' +
        '01000600ffffffff' +
        '0200040001000000' +
        '04000400ffffffff' +
        '10000400ffffffff' +
        '20000000ffffffff';
      python(
        `os.setxattr(${JSON.stringify(on.at('b'))}, 'user.note', b'kept')\n` +
          `os.setxattr(${JSON.stringify(on.at('b'))}, 'system.posix_acl_access', bytes.fromhex('${acl}'))`,
      );
      await on.apply([on.file('b', 'y', { mode: 0o640 })]);
      const listed = python(`print(sorted(os.listxattr(${JSON.stringify(on.at('b'))})))`);
      expect(listed).toBe("['system.posix_acl_access', 'user.note']");
      expect((await stat(on.at('b'))).mode & 0o777).toBe(0o640);
      // a narrower mode is not widened by the list that comes along
      await on.apply([on.file('b', 'z', { mode: 0o600 })]);
      expect((await stat(on.at('b'))).mode & 0o777).toBe(0o600);
      await on.apply([on.file('b', 'w', { mode: 0o600, attributes: 'drop' })]);
      expect(python(`print(os.listxattr(${JSON.stringify(on.at('b'))}))`)).toBe('[]');
    },
  );
});

describe('a target that is refused', () => {
  const refused = async (
    on: EngineHarness,
    name: string,
    metadata: Parameters<EngineHarness['file']>[2] = {},
  ): Promise<string> => {
    const names = await on.names();
    const [file] = (await on.apply([on.file(name, 'ours', metadata)])).files;
    expect(file).toMatchObject({ outcome: 'failed', error: { stage: 'commit' } });
    expect(await on.names()).toEqual(names);
    return file!.error!.message;
  };

  it('is a link, whose end stays untouched; replaced when that is declared', async () => {
    const on = await EngineHarness.start();
    const outside = join(on.folder, 'outside');
    await writeFile(outside, 'theirs');
    await symlink(outside, on.at('b'));
    expect(await refused(on, 'b')).toContain('symbolic link');
    expect(await refused(on, 'b', { symlink: 'follow' })).toContain('does not lie in');
    expect(await readlink(on.at('b'))).toBe(outside);
    await on.apply([on.file('b', 'ours', { symlink: 'replace' })]);
    expect((await lstat(on.at('b'))).isFile()).toBe(true);
    expect(await readFile(outside, 'utf8')).toBe('theirs');
  });

  it('is followed to an end within the roots, when that is declared', async () => {
    const on = await EngineHarness.start();
    await mkdir(on.at('real'));
    await writeFile(on.at('real/b'), 'old');
    await symlink('real/b', on.at('b'));
    const file = on.file('b', 'ours', { symlink: 'follow' });
    expect(outcomes(await on.apply([file]))).toEqual({ b: 'changed' });
    expect(await on.read('real/b')).toBe('ours');
    expect((await lstat(on.at('b'))).isSymbolicLink()).toBe(true);
    expect(outcomes(await on.apply([file]))).toEqual({ b: 'unchanged' });
  });

  it('links that lead in a circle are an error', async () => {
    const on = await EngineHarness.start();
    await symlink('c', on.at('b'));
    await symlink('b', on.at('c'));
    expect(await refused(on, 'b', { symlink: 'follow' })).toContain('too many');
  });

  it('lies behind a folder that is a link', async () => {
    const on = await EngineHarness.start();
    await mkdir(join(on.folder, 'outside'));
    await symlink(join(on.folder, 'outside'), on.at('p'));
    expect(await refused(on, 'p/b')).toContain(`${on.at('p')} on the way is a symbolic link`);
    expect(await refused(on, 'p/q/b', { symlink: 'follow' })).toContain('on the way');
  });

  it('is a folder, a pipe, or has a second name', async () => {
    const on = await EngineHarness.start();
    await mkdir(on.at('folder'));
    execFileSync('mkfifo', [on.at('pipe')]);
    await writeFile(on.at('one'), 'x');
    await link(on.at('one'), on.at('two'));
    expect(await refused(on, 'folder')).toContain('it is a folder');
    expect(await refused(on, 'pipe')).toContain('it is a named pipe');
    expect(await refused(on, 'two')).toContain('2 hard links');
    expect(await on.read('one')).toBe('x');
    expect(await refused(on, 'one/b')).toContain('no folder');
  });

  it('lies outside of the roots, however that is written', async () => {
    const on = await EngineHarness.start();
    for (const path of [
      '/root/etcd-test',
      `${on.root}/../x`,
      on.root,
      `${on.root}/`,
      `${on.root}x/y`,
      `${on.root}/a\0b`,
      'relative',
      `${on.root}//x`,
    ]) {
      const message = await refused(on, 'b', { path });
      expect(message, path).toContain('does not lie in');
    }
    expect(await on.names()).toEqual([]);
  });

  it.runIf(isRoot)('is immutable', async (context) => {
    const on = await EngineHarness.start();
    await on.apply([on.file('b', 'old')]);
    try {
      execFileSync('chattr', ['+i', on.at('b')], { stdio: 'ignore' });
    } catch {
      context.skip('this file system has no such mark');
    }
    try {
      expect(await refused(on, 'b')).toContain('immutable');
      expect(await on.read('b')).toBe('old');
    } finally {
      execFileSync('chattr', ['-i', on.at('b')]);
    }
  });

  it('was taken by somebody else with more than is kept of old contents', async () => {
    const on = await EngineHarness.start({ backups: { maxMib: 1 } });
    await writeFile(on.at('b'), Buffer.alloc(2 * 1024 * 1024));
    expect(await refused(on, 'b')).toContain('backups.max-mib');
    expect((await stat(on.at('b'))).size).toBe(2 * 1024 * 1024);
  });
});

/** Mounts are tried where this process may make them; each in the folder of its test. */
function mounted(...argv: readonly string[]): boolean {
  try {
    execFileSync('mount', argv, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.runIf(isRoot)('a disk that will not', () => {
  it('that is full: the old file stays whole and nothing is left beside it', async (context) => {
    const on = await EngineHarness.start();
    await mkdir(on.at('disk'));
    if (!mounted('-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', on.at('disk'))) context.skip();
    try {
      await on.apply([on.file('disk/b', 'old')]);
      const report = await on.apply([on.file('disk/b', Buffer.alloc(1024 * 1024, 'x'))]);
      expect(report.files[0]?.error).toMatchObject({ stage: 'commit', code: 28 });
      expect(report.files[0]?.error?.message).toContain('the disk is full');
      expect(await on.read('disk/b')).toBe('old');
      expect(await on.names()).toEqual(['disk', 'disk/b']);
    } finally {
      execFileSync('umount', [on.at('disk')]);
    }
  });

  it('that is read-only', async (context) => {
    const on = await EngineHarness.start();
    await mkdir(on.at('disk'));
    if (!mounted('-t', 'tmpfs', 'tmpfs', on.at('disk'))) context.skip();
    try {
      await on.apply([on.file('disk/b', 'old')]);
      execFileSync('mount', ['-o', 'remount,ro', on.at('disk')]);
      const report = await on.apply([on.file('disk/b', 'new'), on.file('c', 'new')]);
      expect(report.files[0]?.error?.message).toContain('the file system is read-only');
      expect(outcomes(report)).toEqual({ 'disk/b': 'failed', c: 'created' });
      expect(await on.read('disk/b')).toBe('old');
    } finally {
      execFileSync('umount', [on.at('disk')]);
    }
  });

  it('a file that is mounted: refused, or written in place and said so', async (context) => {
    const on = await EngineHarness.start();
    const source = join(on.folder, 'source');
    await writeFile(source, 'a long old content');
    await writeFile(on.at('b'), '');
    if (!mounted('--bind', source, on.at('b'))) context.skip();
    try {
      const report = await on.apply([on.file('b', 'new')]);
      expect(report.files[0]?.error?.message).toContain(
        'it is a mount point; declare writes: in-place',
      );
      expect(await on.read('b')).toBe('a long old content');
      expect(await on.names()).toEqual(['b']);
      expect(outcomes(await on.apply([on.file('b', 'new', { writes: 'in-place' })]))).toEqual({
        b: 'changed',
      });
      expect(await readFile(source, 'utf8')).toBe('new');
      expect(on.lines.join('\n')).toContain('written in place');
      const [revision] = await on.engine.history('b');
      const kept = await on.engine.revision('b', revision!.n);
      expect(Buffer.from(kept).toString()).toBe('a long old content');
    } finally {
      execFileSync('umount', [on.at('b')]);
    }
  });
});
