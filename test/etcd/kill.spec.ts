import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { engineOn } from './engine-on.js';
import {
  CONTENTS,
  IN_PLACE,
  inPlaceContent,
  SOMETIMES,
  type Variant,
  VARIANTS,
} from './support/variants.js';

/** How often the process is killed; more by hand: ETCD_KILLS=200. */
const KILLS = Number(process.env['ETCD_KILLS'] ?? 8);
const LIVES_MS = 400;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

it(
  `killed at ${KILLS} random moments, every file is whole at every moment`,
  { timeout: 30_000 + KILLS * 10_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'etcd-kill-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, 'root'));
    let reads = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      reads += await liveAndDie(folder);
      await expectRight(folder);
    }
    expect(reads).toBeGreaterThan(KILLS);
  },
);

/** Lets a writer live for a random while, reads all files meanwhile, and kills it. */
async function liveAndDie(folder: string): Promise<number> {
  const loader = here('../datastore/support/typescript-loader.mjs');
  const script = here('./support/alternating-writer.ts');
  const child = spawn(process.execPath, ['--import', loader, script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const life = { isOver: false };
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended]);
  expect(child.exitCode).toBeNull();
  const reading = readWhile(folder, life);
  await passed(Math.random() * LIVES_MS);
  child.kill('SIGKILL');
  await ended;
  life.isOver = true;
  return reading;
}

async function readWhile(folder: string, life: { readonly isOver: boolean }): Promise<number> {
  let reads = 0;
  while (!life.isOver) {
    for (const name of Object.keys(CONTENTS)) {
      const text = await read(folder, name);
      if (text === null) continue;
      expect(variantOf(name, text), name).not.toBeNull();
      reads += 1;
    }
  }
  return reads;
}

function read(folder: string, name: string): Promise<string | null> {
  return readFile(join(folder, 'root', name), 'utf8').catch(() => null);
}

function variantOf(name: string, text: string): Variant | null {
  return VARIANTS.find((variant) => CONTENTS[name]?.(variant) === text) ?? null;
}

/** After a start all is whole, nothing is left over, and what is known is what is there. */
async function expectRight(folder: string): Promise<void> {
  const engine = engineOn(folder);
  await engine.open();
  try {
    const names = await readdir(join(folder, 'root'), { recursive: true });
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const set: (Variant | null)[] = [];
    for (const name of Object.keys(CONTENTS)) {
      const text = await read(folder, name);
      const variant = text === null ? null : variantOf(name, text);
      expect(text === null || variant !== null, name).toBe(true);
      if (name.startsWith('set/')) set.push(variant);
    }
    expect(new Set(set).size, String(set)).toBe(1);
    const inPlace = await read(folder, IN_PLACE);
    expect([null, ...VARIANTS.map(inPlaceContent)].includes(inPlace)).toBe(true);
    expect([null, 'there']).toContain(await read(folder, SOMETIMES));
    expect(await engine.verify(null)).toEqual([]);
    expect(await readdir(join(folder, 'state')).then((all) => all.sort())).toEqual(
      expect.arrayContaining(['backups', 'journal', 'key', 'lock']),
    );
  } finally {
    await engine.close();
  }
}
