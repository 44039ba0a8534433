import { FakeDispatcher } from 'dispatcher/testing';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder of the test's own, gone with it. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'file-tasks-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

interface Reserved {
  readonly path: string;
  readonly mode: 'shared' | 'exclusive';
}

/** The storage plugin as the tasks see it. */
export function storage(): FakeDispatcher {
  return new FakeDispatcher({
    'management.own_paths': [],
    'storage.path.reserve': (_: number, paths: readonly Reserved[]) =>
      paths.map(({ path, mode }) => ({ resource: `path:${path}`, mode })),
  });
}

/** Everything below a folder, hidden names too. */
export async function namesBelow(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

/** What a copy has to keep of an entry. */
export async function traitsOf(path: string) {
  const { mode, mtimeMs, uid, gid, size } = await lstat(path);
  return { mode, mtime: Math.round(mtimeMs), uid, gid, size };
}
