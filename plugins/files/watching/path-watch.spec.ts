import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FileChange } from '../schemas/file-change.schema.js';
import { PathWatch, stateOf } from './path-watch.js';

let folder: string;
let seen: string[];
let watches: PathWatch[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watched-'));
  seen = [];
  watches = [];
});
afterEach(async () => {
  await Promise.all(watches.map((watch) => watch.close()));
  await rm(folder, { recursive: true, force: true });
});

const short = (path: string | null): string => path?.replace(folder, '') ?? '';
const at = (path: string): string => join(folder, path);

async function watching(path: string, recursive = true): Promise<PathWatch> {
  const watch = new PathWatch(
    { path: at(path), recursive },
    {
      changed: (changes: readonly FileChange[]) => {
        for (const { change, path: where, previous_path } of changes) {
          seen.push([change, short(previous_path), short(where)].filter((x) => x !== '').join(' '));
        }
      },
      unwatched: (where, error) => seen.push(`unwatched ${short(where)} ${error.message}`),
    },
  );
  watches.push(watch);
  await watch.check();
  return watch;
}

/** Waits for exactly these, in any order, and forgets them. */
async function expectSeen(...expected: readonly string[]): Promise<void> {
  await vi.waitFor(() => expect([...seen].sort()).toEqual([...expected].sort()), 5000);
  seen = [];
}

describe('a watched folder', () => {
  it('tells what is created, modified, renamed and removed in it, not what was there', async () => {
    await writeFile(at('old'), '');
    const watch = await watching('');
    expect(watch.row()).toMatchObject({ state: 'watching', entries: 1, reason: null });
    await writeFile(at('new'), 'x');
    await expectSeen('created /new');
    await appendFile(at('new'), 'y');
    await expectSeen('modified /new');
    await rename(at('new'), at('newer'));
    await expectSeen('renamed /new /newer');
    await rm(at('newer'));
    await rm(at('old'));
    await expectSeen('removed /newer', 'removed /old');
    expect(watch.row().entries).toBe(0);
  });

  it('counts many changes of one file at once as one', async () => {
    await watching('');
    await writeFile(at('a'), '');
    for (let n = 0; n < 20; n += 1) await appendFile(at('a'), 'x');
    await rename(at('a'), at('b'));
    await expectSeen('created /b');
  });

  it('tells of all that came with a folder, and of what happens in it later', async () => {
    await watching('');
    await mkdir(at('a/b/c'), { recursive: true });
    await writeFile(at('a/b/c/f'), '');
    await expectSeen('created /a', 'created /a/b', 'created /a/b/c', 'created /a/b/c/f');
    await appendFile(at('a/b/c/f'), 'x');
    await expectSeen('modified /a/b/c/f');
  });

  it('tells once of a folder that moved, and knows it by its new name', async () => {
    await mkdir(at('a/b'), { recursive: true });
    await writeFile(at('a/b/f'), '');
    await watching('');
    await rename(at('a'), at('z'));
    await expectSeen('renamed /a /z');
    await appendFile(at('z/b/f'), 'x');
    await expectSeen('modified /z/b/f');
    await rm(at('z'), { recursive: true });
    await expectSeen('removed /z', 'removed /z/b', 'removed /z/b/f');
  });

  it('is not looked into below unless that is wished', async () => {
    await mkdir(at('a'));
    await watching('', false);
    await writeFile(at('a/f'), '');
    await writeFile(at('g'), '');
    await expectSeen('created /g');
  });

  it('that is removed and made again is watched again', async () => {
    await mkdir(at('a'));
    const watch = await watching('a');
    await rm(at('a'), { recursive: true });
    await watch.check();
    await expectSeen('removed /a');
    expect(watch.row().state).toBe('missing');
    await mkdir(at('a'));
    await writeFile(at('a/f'), '');
    await watch.check();
    await expectSeen('created /a', 'created /a/f');
    await appendFile(at('a/f'), 'x');
    await expectSeen('modified /a/f');
  });

  it('in which too much happens at once is told of as a whole, and then goes on', async () => {
    await watching('');
    const names = Array.from({ length: 10_050 }, (_, n) => at(`f${n}`));
    // Touched in one go, in which no change can be taken in
    const { writeFileSync } = await import('node:fs');
    for (const name of names) writeFileSync(name, '');
    await vi.waitFor(() => expect(seen).toContain('overflow'), 20_000);
    seen = [];
    await appendFile(at('f1'), 'x');
    await expectSeen('modified /f1');
  }, 30_000);
});

describe('a watched file', () => {
  it('is seen when it is written, replaced and removed, its neighbours are not', async () => {
    await writeFile(at('f'), '');
    const watch = await watching('f');
    await writeFile(at('g'), 'neighbour');
    await appendFile(at('f'), 'x');
    await expectSeen('modified /f');
    await rename(at('g'), at('f'));
    await expectSeen('modified /f');
    await rm(at('f'));
    await expectSeen('removed /f');
    await watch.check();
    expect(watch.row().state).toBe('missing');
  });

  it('that is not there yet, nor its folder, is watched when it appears', async () => {
    const watch = await watching('a/f');
    expect(watch.row().state).toBe('missing');
    await mkdir(at('a'));
    await writeFile(at('a/f'), '');
    await watch.check();
    await expectSeen('created /a/f');
    expect(watch.row().state).toBe('watching');
    await appendFile(at('a/f'), 'x');
    await expectSeen('modified /a/f');
  });

  it('in whose place a folder comes is watched as a folder', async () => {
    const watch = await watching('x');
    await mkdir(at('x'));
    await writeFile(at('x/f'), '');
    await watch.check();
    await expectSeen('created /x', 'created /x/f');
  });
});

it.each([
  ['EACCES', 'denied'],
  ['EPERM', 'denied'],
  ['ENOENT', 'missing'],
  ['ENOTDIR', 'missing'],
  ['ENOSPC', 'failed'],
])('a path that fails with %s is %s', (code, state) => {
  expect(stateOf(Object.assign(new Error(code), { code }))).toBe(state);
});
