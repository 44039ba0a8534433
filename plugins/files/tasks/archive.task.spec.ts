import { Errno } from 'dispatcher';
import { runTask } from 'dispatcher/testing';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmod,
  link,
  mkdir,
  readFile,
  readlink,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FilesSettings } from '../files.settings.js';
import { FileArchiveTask } from './archive.task.js';
import { namesBelow, scratchFolder, storage, traitsOf } from '../../../test/support/file-ground.js';

const options = { dispatcher: storage(), settings: [FilesSettings] };
const LONG = 'd'.repeat(120);

async function tree(): Promise<{ folder: string; source: string }> {
  const folder = await scratchFolder();
  const source = join(folder, 'source');
  await mkdir(join(source, LONG, LONG), { recursive: true });
  await writeFile(join(source, 'a'), 'alpha');
  await chmod(join(source, 'a'), 0o640);
  await utimes(join(source, 'a'), 1_000_000, 1_000_000);
  await link(join(source, 'a'), join(source, 'b'));
  await writeFile(join(source, LONG, LONG, 'äöü'), randomBytes(1_500_001));
  await symlink('../a', join(source, LONG, 'l'));
  return { folder, source };
}

const archive = (source: string, destination: string, more: object = {}) =>
  runTask(FileArchiveTask, [{ source, destination, ...more }], options);

describe('files.archive', () => {
  it.each([
    ['x.tar.gz', {}, 'xzf'],
    ['x.tar', {}, 'xf'],
    ['backup', { format: 'tar' }, 'xf'],
  ])('makes an archive %s %j that tar unpacks to the same tree', async (name, more, flags) => {
    const { folder, source } = await tree();
    const destination = join(folder, name);
    const report = await archive(source, destination, more);
    expect(report).toMatchObject({
      state: 'FINISHED',
      result: { bytes: 1_500_006, files: 3, directories: 3, links: 1, skipped: 0 },
      progress: expect.arrayContaining([
        expect.objectContaining({ percentage: 100, message: 'Archived 1.4 MiB of 1.4 MiB' }),
      ]) as unknown,
    });
    const { size, mode } = await stat(destination);
    expect((report.result as { archive_bytes: number }).archive_bytes).toBe(size);
    expect(mode & 0o777).toBe(0o600);
    await mkdir(join(folder, 'out'));
    execFileSync('tar', [flags, destination, '-C', join(folder, 'out')]);
    const out = join(folder, 'out', 'source');
    expect(await namesBelow(out)).toEqual(await namesBelow(source));
    expect(await traitsOf(join(out, 'a'))).toEqual(await traitsOf(join(source, 'a')));
    expect((await stat(join(out, 'a'))).ino).toBe((await stat(join(out, 'b'))).ino);
    expect(await readlink(join(out, LONG, 'l'))).toBe('../a');
    const content = await readFile(join(out, LONG, LONG, 'äöü'));
    expect(content.equals(await readFile(join(source, LONG, LONG, 'äöü')))).toBe(true);
  });

  it('does not put the archive of a folder into that folder', async () => {
    const { source } = await tree();
    expect(await archive(source, join(source, 'self.tar'))).toMatchObject({
      state: 'FAILED',
      error: {
        code: Errno.EINVAL,
        message: expect.stringMatching(/inside of the source$/) as string,
      },
    });
  });

  it('that is aborted or fails leaves nothing', async () => {
    const { folder, source } = await tree();
    const before = await namesBelow(folder);
    const aborted = await runTask(FileArchiveTask, [{ source, destination: join(folder, 'x') }], {
      ...options,
      onProgress: (_, abort) => void abort(),
    });
    expect(aborted).toMatchObject({ state: 'ABORTED', wasRolledBack: true, warnings: [] });
    expect(await archive(join(folder, 'gone'), join(folder, 'x'))).toMatchObject({
      state: 'FAILED',
      error: { code: Errno.ENOENT },
    });
    expect(await namesBelow(folder)).toEqual(before);
  });

  it('never replaces a file', async () => {
    const { folder, source } = await tree();
    await writeFile(join(folder, 'x.tar'), 'mine');
    expect(await archive(source, join(folder, 'x.tar'))).toMatchObject({
      error: { code: Errno.EEXIST },
    });
    expect(await readFile(join(folder, 'x.tar'), 'utf8')).toBe('mine');
  });
});
