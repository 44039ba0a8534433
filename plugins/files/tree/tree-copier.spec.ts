import { Errno } from 'dispatcher';
import { appendFileSync, rmSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../../../test/support/file-ground.js';
import { withLocated } from '../handles/locate.js';
import { Reach } from '../handles/reach.js';
import type { ByteMeter } from './byte-meter.js';
import { TreeCopier } from './tree-copier.js';

/** Copies a folder with two files while something is done to it, whenever bytes of a file were read. */
async function copyWhile(act: (path: string, round: number) => void) {
  const folder = await scratchFolder();
  const [source, target] = [join(folder, 'source'), join(folder, 'target')];
  await mkdir(source);
  await writeFile(join(source, 'a'), 'alpha');
  await writeFile(join(source, 'b'), 'beta');
  const warnings: string[] = [];
  let bytes = 0;
  let rounds = 0;
  const meter = {
    add: (more: number, path: string) => {
      bytes += more;
      if (more > 0) act(path, (rounds += 1));
    },
    done: () => undefined,
  } as unknown as ByteMeter;
  const options = {
    signal: new AbortController().signal,
    crossesFileSystems: false,
    meter,
    keepsSetId: true,
    onWarning: (path: string, reason: string) =>
      warnings.push(`${path.slice(source.length)}: ${reason}`),
  };
  const totals = await withLocated(source, Reach.EVERYWHERE, (from) =>
    withLocated(target, Reach.EVERYWHERE, (to) => new TreeCopier(from, to, options).copy()),
  );
  return { totals, warnings, bytes, target };
}

describe('a copy of what changes meanwhile', () => {
  it('is tried again for a file that was written to once', async () => {
    const { totals, warnings, bytes, target } = await copyWhile((path, round) => {
      if (round === 1) appendFileSync(path, '!');
    });
    expect(warnings).toEqual([]);
    expect(await readFile(join(target, 'a'), 'utf8')).toBe('alpha!');
    expect(totals).toMatchObject({ files: 2, bytes: 10, skipped: 0 });
    expect(bytes).toBe(10);
  });

  it('ends with a warning for a file that is written to all the time', async () => {
    const { totals, warnings, target } = await copyWhile((path) => {
      if (path.endsWith('a')) appendFileSync(path, '!');
    });
    expect(warnings).toEqual(['/a: it was written to while it was copied']);
    expect(await readFile(join(target, 'a'), 'utf8')).toMatch(/^alpha!+$/);
    expect(totals).toMatchObject({ files: 2 });
  });

  it('leaves out what vanished, with a warning', async () => {
    const { totals, warnings, target } = await copyWhile((path) => {
      if (path.endsWith('a')) rmSync(join(path, '../b'));
    });
    expect(warnings).toEqual(['/b: it vanished meanwhile']);
    expect(totals).toMatchObject({ files: 1, skipped: 1 });
    await expect(stat(join(target, 'b'))).rejects.toThrow('ENOENT');
  });

  it('fails when it is the copy that vanishes: nothing is left out in silence', async () => {
    const copying = copyWhile((path) => {
      if (path.endsWith('a')) rmSync(join(path, '../../target'), { recursive: true });
    });
    await expect(copying).rejects.toMatchObject({
      code: Errno.ENOENT,
      message: expect.stringMatching(
        /^Cannot create .*target\/b: its folder was removed/,
      ) as string,
    });
  });
});
