import { Errno, RpcException } from 'dispatcher';
import { runTask, type TaskRunOptions } from 'dispatcher/testing';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FilesSettings } from '../files.settings.js';
import { FileArchiveTask } from './archive.task.js';
import { FileBackupTask } from './backup.task.js';
import { FileChecksumTask } from './checksum.task.js';
import { FileCopyTask } from './copy.task.js';
import { namesBelow, scratchFolder, storage } from '../../../test/support/file-ground.js';

const options: TaskRunOptions = {
  settings: [FilesSettings],
  dispatcher: storage(),
  subtasks: {
    'files.copy': FileCopyTask,
    'files.archive': FileArchiveTask,
    'files.checksum': FileChecksumTask,
  },
};

async function ground() {
  const folder = await scratchFolder();
  const source = join(folder, 'source');
  await mkdir(source);
  await writeFile(join(source, 'a'), 'alpha');
  return { folder, source, destination: join(folder, 'backup') };
}

describe('files.backup', () => {
  it('is a checksum, a copy and a checksum, each a part of its progress', async () => {
    const { source, destination } = await ground();
    const report = await runTask(FileBackupTask, [{ source, destination }], options);
    expect(report).toMatchObject({
      state: 'FINISHED',
      claims: [
        { resource: `path:${source}`, mode: 'shared' },
        { resource: `path:${destination}`, mode: 'exclusive' },
      ],
      result: { algorithm: 'sha256', files: 1, bytes: 5, archive_digest: null },
      subtasks: [
        { name: 'files.checksum', slice: { from: 0, to: 30 } },
        { name: 'files.copy', slice: { from: 30, to: 70 } },
        { name: 'files.checksum', slice: { from: 70, to: 100 } },
      ],
    });
    expect(await namesBelow(destination)).toEqual(['a']);
    const steps = report.progress.map(({ percentage }) => percentage ?? 0);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.at(-1)).toBe(100);
  });

  it('makes an archive and tells its checksum', async () => {
    const { source, destination } = await ground();
    const arg = { source, destination, method: 'archive', algorithm: 'md5' };
    expect(await runTask(FileBackupTask, [arg], options)).toMatchObject({
      state: 'FINISHED',
      result: {
        algorithm: 'md5',
        archive_digest: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      },
    });
  });

  it('of a source that changes meanwhile fails, and leaves nothing', async () => {
    const { source, destination, folder } = await ground();
    const report = await runTask(FileBackupTask, [{ source, destination }], {
      ...options,
      onProgress: ({ percentage }) => {
        if (percentage === 70) void writeFile(join(destination, 'a'), 'tampered');
      },
    });
    expect(report).toMatchObject({ state: 'FAILED', error: { code: Errno.EBADMSG } });
    expect(await namesBelow(folder)).toEqual(['source', 'source/a']);
  });

  it('never removes what stood at its destination', async () => {
    const { source, destination, folder } = await ground();
    await writeFile(destination, 'mine');
    expect(await runTask(FileBackupTask, [{ source, destination }], options)).toMatchObject({
      state: 'FAILED',
      error: { code: Errno.EEXIST },
    });
    expect(await namesBelow(folder)).toEqual(['backup', 'source', 'source/a']);
  });

  it('fails with the error of the part that failed', async () => {
    const { source, destination } = await ground();
    const report = await runTask(FileBackupTask, [{ source, destination }], {
      ...options,
      subtasks: {
        ...options.subtasks,
        'files.copy': () => {
          throw new RpcException(Errno.ENOSPC, 'The disk is full');
        },
      },
    });
    expect(report).toMatchObject({
      state: 'FAILED',
      error: { code: Errno.ENOSPC, message: 'The disk is full' },
    });
  });
});
