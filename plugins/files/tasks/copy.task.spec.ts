import { bindTask, Errno } from 'dispatcher';
import { memoryConfigStore, runTask, startTask } from 'dispatcher/testing';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import {
  chmod,
  link,
  mkdir,
  readFile,
  readlink,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Reach } from '../handles/reach.js';
import { FilesSettings } from '../files.settings.js';
import { FileCopyTask } from './copy.task.js';
import { PartialWork } from './partial-work.js';
import type { WorkOwner } from './workshop.js';
import { namesBelow, scratchFolder, storage, traitsOf } from '../../../test/support/file-ground.js';

const options = { id: 7, dispatcher: storage(), settings: [FilesSettings] };
const copy = (source: string, destination: string) =>
  runTask(FileCopyTask, [{ source, destination }], options);

/** A folder with a tree of all that a copy has to keep. */
async function tree(): Promise<{ folder: string; source: string; destination: string }> {
  const folder = await scratchFolder();
  const source = join(folder, 'source');
  await mkdir(join(source, 'inner', 'empty'), { recursive: true });
  await writeFile(join(source, 'a.txt'), 'alpha');
  await writeFile(join(source, 'inner', 'b.bin'), randomBytes(3_000_000));
  await writeFile(join(source, 'inner', 'none'), '');
  await symlink('../a.txt', join(source, 'inner', 'link'));
  await symlink('/nowhere', join(source, 'dangling'));
  await chmod(join(source, 'a.txt'), 0o640);
  await utimes(join(source, 'a.txt'), 1_000_000, 1_000_000.5);
  await utimes(join(source, 'inner'), 2_000_000, 2_000_000);
  await chmod(join(source, 'inner'), 0o555);
  onTestFinished(() => chmod(join(source, 'inner'), 0o755).catch(() => undefined));
  return { folder, source, destination: join(folder, 'copy') };
}

describe('files.copy', () => {
  it('copies a tree with modes, times and links, and reports progress by bytes', async () => {
    const { source, destination, folder } = await tree();
    const report = await copy(source, destination);
    expect(report).toMatchObject({
      state: 'FINISHED',
      claims: [
        { resource: `path:${source}`, mode: 'shared' },
        { resource: `path:${destination}`, mode: 'exclusive' },
      ],
      description: { message: `Copying ${source} to ${destination}` },
      result: { bytes: 3_000_005, files: 3, directories: 3, links: 2, skipped: 0 },
      warnings: [],
    });
    expect(await namesBelow(destination)).toEqual(await namesBelow(source));
    for (const name of ['', 'a.txt', 'inner', 'inner/b.bin', 'dangling']) {
      expect(await traitsOf(join(destination, name)), name).toEqual(
        await traitsOf(join(source, name)),
      );
    }
    const content = await readFile(join(destination, 'inner/b.bin'));
    expect(content.equals(await readFile(join(source, 'inner/b.bin')))).toBe(true);
    expect(await readlink(join(destination, 'inner/link'))).toBe('../a.txt');
    expect((await namesBelow(folder)).filter((name) => name.includes('partial'))).toEqual([]);
    const { progress } = report;
    expect(progress.at(-1)).toEqual({
      percentage: 100,
      message: 'Copied 2.9 MiB of 2.9 MiB',
      extra: {
        done_bytes: 3_000_005,
        total_bytes: 3_000_005,
        done_entries: 8,
        total_entries: 8,
        path: null,
      },
    });
    const steps = progress.map(({ percentage }) => percentage ?? 0);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });

  it('copies a single file, and a symbolic link as such', async () => {
    const { source, destination, folder } = await tree();
    expect(await copy(join(source, 'a.txt'), destination)).toMatchObject({ state: 'FINISHED' });
    expect(await readFile(destination, 'utf8')).toBe('alpha');
    expect(await copy(join(source, 'dangling'), join(folder, 'l'))).toMatchObject({
      result: { links: 1, files: 0 },
    });
    expect(await readlink(join(folder, 'l'))).toBe('/nowhere');
  });

  it('keeps files of several names together, and holes empty', async () => {
    const { folder } = await tree();
    const source = join(folder, 'special');
    await mkdir(source);
    await writeFile(join(source, 'one'), 'x'.repeat(1000));
    await link(join(source, 'one'), join(source, 'two'));
    await writeFile(join(source, 'sparse'), 'start');
    await truncate(join(source, 'sparse'), 20_000_000);
    expect(await copy(source, join(folder, 'to'))).toMatchObject({ result: { files: 3 } });
    const [one, two, sparse] = await Promise.all(
      ['one', 'two', 'sparse'].map((name) => stat(join(folder, 'to', name))),
    );
    expect(one!.ino).toBe(two!.ino);
    expect(sparse!.size).toBe(20_000_000);
    expect(sparse!.blocks * 512).toBeLessThan(1_000_000);
    const content = await readFile(join(folder, 'to', 'sparse'));
    expect(content.equals(await readFile(join(source, 'sparse')))).toBe(true);
  });

  it.each([
    ['operator', 0o755, 1],
    ['admin', process.getuid?.() === 0 ? 0o6755 : 0o755, 0],
  ])('by an %s: what runs as its owner', async (role, mode, warnings) => {
    const folder = await scratchFolder();
    await mkdir(join(folder, 'from'));
    await writeFile(join(folder, 'from', 'tool'), 'tool');
    await chmod(join(folder, 'from', 'tool'), 0o6755);
    const configstore = await memoryConfigStore({ 'files.roots': [folder] });
    const report = await runTask(
      FileCopyTask,
      [{ source: join(folder, 'from'), destination: join(folder, 'to') }],
      { ...options, configstore, environment: { SENDER_ROLES: [role] } },
    );
    expect(report).toMatchObject({ state: 'FINISHED' });
    expect(report.warnings).toHaveLength(warnings);
    expect((await stat(join(folder, 'to', 'tool'))).mode & 0o7777).toBe(mode);
  });

  it('leaves out pipes and sockets with a warning for each', async () => {
    const { folder, source, destination } = await tree();
    execFileSync('mkfifo', [join(source, 'pipe')]);
    const server = createServer().listen(join(source, 's'));
    onTestFinished(() => void server.close());
    const report = await copy(source, destination);
    expect(report).toMatchObject({ state: 'FINISHED', result: { skipped: 2 } });
    expect(report.warnings.map(({ message }) => message)).toEqual([
      `${source}/pipe: it is no file, folder or link`,
      `${source}/s: it is no file, folder or link`,
    ]);
    expect(await copy(join(source, 'pipe'), join(folder, 'p'))).toMatchObject({
      state: 'FAILED',
      error: { code: Errno.EINVAL },
    });
  });

  it.each([
    ['a source that is not there', 'gone', 'copy', Errno.ENOENT, /Cannot read .*gone: there is no/],
    ['a folder that is not there', 'source', 'no/copy', Errno.ENOENT, /Cannot find .*no: there is/],
    ['a destination that exists', 'source', 'taken', Errno.EEXIST, /Cannot create .*taken: it exi/],
    ['a destination inside', 'source', 'source/inner/c', Errno.EINVAL, /lies inside of the source/],
    ['the same path', 'source', 'source/../source', Errno.EINVAL, /they are the same/],
  ])('refuses %s', async (_, from, to, code, message) => {
    const { folder } = await tree();
    await writeFile(join(folder, 'taken'), 'mine');
    const before = await namesBelow(folder);
    expect(await copy(join(folder, from), join(folder, to))).toMatchObject({
      state: 'FAILED',
      error: { code, message: expect.stringMatching(message) as string },
    });
    expect(await namesBelow(folder)).toEqual(before);
    expect(await readFile(join(folder, 'taken'), 'utf8')).toBe('mine');
  });

  it('sees through links in the folders before a path', async () => {
    const { folder, source } = await tree();
    await symlink(source, join(folder, 'alias'));
    expect(await copy(source, join(folder, 'alias', 'copy'))).toMatchObject({
      error: { message: expect.stringContaining('lies inside of the source') as string },
    });
  });

  it.each([
    ['relative', 'relative/path'],
    ['empty', ''],
    ['too long', `/${'x'.repeat(5_000)}`],
    ['no path', '/a\0b'],
  ])('is refused at once with a source that is %s', async (_, source) => {
    await expect(copy(source, '/tmp/x')).rejects.toMatchObject({ code: Errno.EINVAL });
  });

  it('that is aborted leaves nothing, also of folders that may not be written to', async () => {
    const { folder, source, destination } = await tree();
    await writeFile(join(source, 'z.bin'), randomBytes(8_000_000));
    const before = await namesBelow(folder);
    const run = await startTask(FileCopyTask, [{ source, destination }], {
      ...options,
      onProgress: (_, abort) => void abort(),
    });
    expect(await run.report).toMatchObject({ state: 'ABORTED', wasRolledBack: true, warnings: [] });
    expect(await namesBelow(folder)).toEqual(before);
  });

  it('that fails half-way removes what it made and names what it could not read', async () => {
    const { folder, source, destination } = await tree();
    await writeFile(Buffer.concat([Buffer.from(`${source}/inner2-`), Buffer.from([0xff])]), 'x');
    const before = await namesBelow(folder);
    expect(await copy(source, destination)).toMatchObject({
      state: 'FAILED',
      error: { code: Errno.EINVAL, message: expect.stringContaining('is not UTF-8') as string },
    });
    expect(await namesBelow(folder)).toEqual(before);
  });

  it('does not replace what has come to its destination meanwhile', async () => {
    const { source, destination } = await tree();
    const report = await runTask(FileCopyTask, [{ source, destination }], {
      ...options,
      onProgress: () => execFileSync('mkdir', ['-p', join(destination, 'theirs')]),
    });
    expect(report).toMatchObject({ state: 'FAILED', error: { code: Errno.EEXIST } });
    expect(await namesBelow(destination)).toEqual(['theirs']);
  });

  it('of a single file does not replace one that has come meanwhile', async () => {
    const { folder, source, destination } = await tree();
    const report = await runTask(FileCopyTask, [{ source: join(source, 'a.txt'), destination }], {
      ...options,
      onProgress: () => writeFileSync(destination, 'theirs'),
    });
    expect(report).toMatchObject({
      state: 'FAILED',
      error: { code: Errno.EEXIST, message: `Cannot create ${destination}: it exists already` },
    });
    expect(await readFile(destination, 'utf8')).toBe('theirs');
    expect((await namesBelow(folder)).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('rolls back the work of a process that died, but not of another server', async () => {
    const { folder, source, destination } = await tree();
    const environment = { SENDER_ADDRESS: 'one' };
    const partial = await workOf({ id: 7, environment }, destination);
    const others = await workOf({ id: 7, environment: { SENDER_ADDRESS: 'two' } }, destination);
    const before = await namesBelow(source);
    const task = new FileCopyTask();
    bindTask(task, { id: 7, environment } as never);
    await task.rollback({ source, destination });
    const left = await namesBelow(folder);
    expect(left).not.toContain(partial);
    expect(left).toContain(join(others, others.slice(1, -'.partial'.length)));
    expect(await namesBelow(source)).toEqual(before);
  });
});

/** What a process leaves that dies while it copies; the name of the folder it worked in. */
async function workOf(owner: WorkOwner, destination: string): Promise<string> {
  const work = new PartialWork();
  await work.prepare(destination, Reach.EVERYWHERE);
  const { folder, name } = await work.begin(owner);
  await writeFile(folder.at(name), 'half');
  const partial = basename(await readlink(folder.self));
  await folder.close();
  return partial;
}
