import { runTask, type TaskRunOptions } from 'dispatcher/testing';
import { execFileSync } from 'node:child_process';
import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FilesSettings } from '../../plugins/files/files.settings.js';
import { FileArchiveTask } from '../../plugins/files/tasks/archive.task.js';
import { FileBackupTask } from '../../plugins/files/tasks/backup.task.js';
import { FileChecksumTask } from '../../plugins/files/tasks/checksum.task.js';
import { FileCopyTask } from '../../plugins/files/tasks/copy.task.js';
import { storage } from '../support/file-ground.js';
import { FolderRacer } from '../support/folder-racer.js';

// A local user owns the source and the folder of the destination. While root's server works there,
// a process of that user exchanges folders, files and the work in progress for links to root's.

const NOBODY = 65_534;
const EXCHANGES = 2_000;
const ROUNDS = 25;
const SECRET = 'TOP-SECRET';
const FILES = 12;
/** Sizes that cannot be taken for one another, however many of them are summed up. */
const OWN_BYTES = 1_000;
const SECRET_BYTES = 777;
const isRoot = process.getuid?.() === 0;

let ground: string;
let racer: FolderRacer;
const at = (...names: string[]): string => join(ground, ...names);

async function fill(folder: string, content: string): Promise<void> {
  await mkdir(join(folder, 'inner', 'deep'), { recursive: true });
  for (let i = 0; i < FILES; i += 1) {
    await writeFile(join(folder, 'inner', `a${i}`), content);
    await writeFile(join(folder, 'inner', 'deep', `b${i}`), content);
  }
}

/** What is there, down to owners, modes and times. */
async function pictureOf(folder: string): Promise<string[]> {
  const names = ['.', ...(await readdir(folder, { recursive: true })).sort()];
  return Promise.all(
    names.map(async (name) => {
      const { uid, gid, mode, mtimeMs, size, ino } = await lstat(join(folder, name));
      return [name, uid, gid, mode, mtimeMs, size, ino].join(' ');
    }),
  );
}

beforeAll(async () => {
  if (!isRoot) return;
  ground = await mkdtemp(join(tmpdir(), 'exchanged-'));
  await chmod(ground, 0o755);
  const secret = SECRET.repeat(100).slice(0, SECRET_BYTES);
  await fill(at('secret'), secret);
  await chmod(at('secret'), 0o700);
  await fill(at('victim'), secret);
  await fill(at('victim', 'round-0'), secret);
  await fill(at('home', 'source'), 'u'.repeat(OWN_BYTES));
  for (const name of ['out', 'decoys']) await mkdir(at('home', name));
  const decoys: [string, string][] = [
    ['source', at('secret')],
    ['inner', at('secret', 'inner')],
    ['file', at('secret', 'inner', 'a1')],
    ['out', at('victim')],
    ['any', at('victim', 'round-0')],
  ];
  for (const [name, target] of decoys) await symlink(target, at('home', 'decoys', name));
  execFileSync('mkfifo', [at('home', 'decoys', 'pipe')]);
  execFileSync('chown', ['-R', '-h', `${NOBODY}:${NOBODY}`, at('home')]);
  await lchown(at('home', 'decoys', 'any'), NOBODY, NOBODY);
  await chown(at('home'), NOBODY, NOBODY);
  const decoy = (name: string): string => at('home', 'decoys', name);
  racer = await FolderRacer.start({
    home: at('home'),
    folder: at('home', 'out'),
    decoy: decoy('any'),
    exchanges: [
      { place: at('home', 'source'), decoy: decoy('source') },
      { place: at('home', 'source', 'inner'), decoy: decoy('inner') },
      { place: at('home', 'source', 'inner', 'a1'), decoy: decoy('file') },
      { place: at('home', 'source', 'inner', 'a2'), decoy: decoy('pipe') },
      { place: at('home', 'out'), decoy: decoy('out') },
    ],
  });
});
afterAll(async () => {
  if (!isRoot) return;
  await racer.end();
  await rm(ground, { recursive: true, force: true });
});

const options: TaskRunOptions = {
  settings: [FilesSettings],
  dispatcher: storage(),
  subtasks: {
    'files.copy': FileCopyTask,
    'files.archive': FileArchiveTask,
    'files.checksum': FileChecksumTask,
  },
};
const places = (round: number) => ({
  source: at('home', 'source'),
  destination: at('home', 'out', `round-${round}`),
});

/** Runs a step while everything is exchanged, and looks at what is outside before and after. */
async function race(act: (round: number) => Promise<{ state: string; result?: unknown }>) {
  const outside = async () => [
    ...(await pictureOf(at('secret'))),
    ...(await pictureOf(at('victim'))),
  ];
  const before = await outside();
  const states: string[] = [];
  const exchanges = await racer.during(EXCHANGES, ROUNDS, async (round) => {
    const { state, result } = await act(round);
    states.push(state);
    const { bytes = 0 } = (result ?? {}) as { bytes?: number };
    expect(bytes % OWN_BYTES, "bytes of files that are not the user's").toBe(0);
  });
  expect(exchanges).toBeGreaterThanOrEqual(EXCHANGES);
  expect(await outside()).toEqual(before);
  await expectNoSecretIn(at('home'));
  await rm(at('home', 'out'), { recursive: true });
  await mkdir(at('home', 'out'));
  await chown(at('home', 'out'), NOBODY, NOBODY);
  return states;
}

async function expectNoSecretIn(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() || entry.name === 'racer.mjs') continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    const content = bytes.readUInt16BE(0) === 0x1f8b ? gunzipSync(bytes) : bytes;
    expect(content.includes(SECRET), join(entry.parentPath, entry.name)).toBe(false);
  }
}

describe.skipIf(!isRoot)('R6: exchanged folders (needs root, to be another user as well)', () => {
  it('R6: nothing of others is copied, and nothing is written or chowned elsewhere', async () => {
    const states = await race((round) => runTask(FileCopyTask, [places(round)], options));
    expect(states).toContain('FINISHED'); // else the race was not with the copy
  });

  it('R6: nothing of others is archived', async () => {
    const states = await race((round) => runTask(FileArchiveTask, [places(round)], options));
    expect(states).toContain('FINISHED');
  });

  it('R6: nothing of others goes into a checksum', async () => {
    const { source } = places(0);
    const states = await race(() => runTask(FileChecksumTask, [{ source }], options));
    expect(states).toContain('FINISHED');
  });

  it('R6: nothing of others is backed up, or removed with a backup that failed', async () => {
    await race((round) => runTask(FileBackupTask, [places(round)], options));
  });

  it('R6: a rollback half-way removes nothing of others', async () => {
    const states = await race((round) =>
      runTask(FileCopyTask, [places(round)], {
        ...options,
        onProgress: (_, abort) => void abort(),
      }),
    );
    expect(states).toContain('ABORTED');
  });

  it('R6: a rollback of what had taken its place removes nothing of others', async () => {
    let isSecond = false;
    const failing = {
      ...options.subtasks,
      'files.checksum': () => {
        isSecond = !isSecond;
        if (!isSecond) throw new Error('the second checksum fails');
        return {
          algorithm: 'sha256',
          digest: '',
          bytes: 0,
          files: 0,
          directories: 0,
          links: 0,
          skipped: 0,
        };
      },
    };
    const states = await race((round) => {
      isSecond = false;
      return runTask(FileBackupTask, [places(round)], { ...options, subtasks: failing });
    });
    expect(new Set(states)).toEqual(new Set(['FAILED']));
  });
});
