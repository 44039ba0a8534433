import { Errno } from 'dispatcher';
import { runTask } from 'dispatcher/testing';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FilesSettings } from '../files.settings.js';
import { FileChecksumTask } from './checksum.task.js';
import { FileCopyTask } from './copy.task.js';
import { scratchFolder, storage } from '../../../test/support/file-ground.js';

const options = { dispatcher: storage(), settings: [FilesSettings] };
const checksum = (source: string, more: object = {}) =>
  runTask(FileChecksumTask, [{ source, ...more }], options);

describe('files.checksum', () => {
  it('of a file is that of its content', async () => {
    const folder = await scratchFolder();
    const content = 'x'.repeat(3_000_000);
    await writeFile(join(folder, 'a'), content);
    for (const algorithm of ['sha256', 'sha512', 'sha1', 'md5', 'blake2b512']) {
      const digest = createHash(algorithm).update(content).digest('hex');
      expect(await checksum(join(folder, 'a'), { algorithm })).toMatchObject({
        state: 'FINISHED',
        result: { algorithm, digest, bytes: 3_000_000, files: 1, directories: 0 },
      });
    }
  });

  it('of what is no file, folder or link is refused', async () => {
    const pipe = join(await scratchFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const source of [pipe, '/dev/null']) {
      expect(await checksum(source)).toMatchObject({
        state: 'FAILED',
        error: { code: Errno.EINVAL },
      });
    }
  });

  it('of a tree tells equal trees from others', async () => {
    const folder = await scratchFolder();
    const [source, destination] = [join(folder, 'source'), join(folder, 'copy')];
    await mkdir(join(source, 'inner'), { recursive: true });
    await writeFile(join(source, 'inner', 'a'), 'alpha');
    await symlink('a', join(source, 'inner', 'l'));
    const digestOf = async (path: string) =>
      ((await checksum(path)).result as { digest: string }).digest;
    const first = await digestOf(source);
    expect(await runTask(FileCopyTask, [{ source, destination }], options)).toMatchObject({
      state: 'FINISHED',
    });
    expect(await digestOf(destination)).toBe(first);
    await writeFile(join(destination, 'inner', 'a'), 'beta');
    expect(await digestOf(destination)).not.toBe(first);
    await writeFile(join(source, 'b'), '');
    expect(await digestOf(source)).not.toBe(first);
  });

  it('of a tree is what its description says', async () => {
    const folder = await scratchFolder();
    await writeFile(join(folder, 'a'), 'alpha');
    const ofFile = createHash('sha256').update('alpha').digest('hex');
    const digest = createHash('sha256').update(`d \0\0f a\0${ofFile}\0`).digest('hex');
    expect(await checksum(folder)).toMatchObject({ result: { digest } });
  });

  it('that is not the expected one is a failure that names both', async () => {
    const folder = await scratchFolder();
    await writeFile(join(folder, 'a'), 'alpha');
    const expected = 'A'.repeat(64);
    expect(await checksum(join(folder, 'a'), { expected })).toMatchObject({
      state: 'FAILED',
      error: { code: Errno.EBADMSG, extra: { expected } },
    });
    const digest = createHash('sha256').update('alpha').digest('hex').toUpperCase();
    expect(await checksum(join(folder, 'a'), { expected: digest })).toMatchObject({
      state: 'FINISHED',
    });
  });

  it('knows no other algorithms', async () => {
    await expect(checksum('/tmp', { algorithm: 'crc32' })).rejects.toMatchObject({
      code: Errno.EINVAL,
    });
  });
});
