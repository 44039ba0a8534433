import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { DATASTORE_DRIVERS } from '../../src/server/datastore-drivers.js';
import { openDatastore } from '../../src/datastore/index.js';
import { mongodbAddress } from '../conformance/mongodb-target.js';

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 6);
const MAX_LIFE_MS = 400;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

interface Acknowledged {
  readonly rows: string[];
  readonly groups: string[];
  readonly marks: Map<string, number>;
  readonly duplicates: string[];
}

interface Store {
  readonly driver: string;
  readonly dsn: string;
  readonly mode: 'batches' | 'single';
}

/**
 * The gateway of the DocumentDB test server keeps the transactions of clients that are gone, and with
 * them its connections, until none is left. MongoDB ends them; there batches are part of the test.
 */
async function writeMode(driver: string, dsn: string): Promise<Store['mode']> {
  const store = await openDatastore({ driver, dsn }, { drivers: DATASTORE_DRIVERS });
  await store.close();
  return store.description.includes('DocumentDB') ? 'single' : 'batches';
}

/** Lets a writer live for a random while after it is ready, kills it, returns what it was told. */
async function liveAndDie({ driver, dsn, mode }: Store, round: number): Promise<Acknowledged> {
  const child = spawn(
    process.execPath,
    [
      '--import',
      here('./support/typescript-loader.mjs'),
      here('./support/crash-writer.ts'),
      driver,
      dsn,
      String(round),
      mode,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  const seen: Acknowledged = { rows: [], groups: [], marks: new Map(), duplicates: [] };
  for await (const line of createInterface({ input: child.stdout })) {
    const [kind, what = '', n] = line.split(' ');
    if (kind === 'ready') setTimeout(() => child.kill('SIGKILL'), Math.random() * MAX_LIFE_MS);
    if (kind === 'row') seen.rows.push(what);
    if (kind === 'group') seen.groups.push(what);
    if (kind === 'duplicate') seen.duplicates.push(what);
    if (kind === 'mark') seen.marks.set(what, Number(n));
  }
  await exited;
  return seen;
}

async function verify(
  driver: string,
  dsn: string,
  round: number,
  seen: Acknowledged,
): Promise<void> {
  const store = await openDatastore(
    { driver, dsn },
    { drivers: DATASTORE_DRIVERS, limits: { rows: 1e7 } },
  );
  try {
    expect(seen.duplicates).toEqual([]);
    const names = (await store.query('rows', [['name', 'match', `${round}-*`]], {
      select: 'name',
    })) as unknown as string[];
    expect(new Set(names).size).toBe(names.length);
    const present = new Set(names);
    expect(seen.rows.filter((name) => !present.has(name))).toEqual([]);
    const groups = new Map<string, number>();
    for (const name of names) {
      const group = /^(.*-g)\d$/.exec(name)?.[1];
      if (group !== undefined) groups.set(group, (groups.get(group) ?? 0) + 1);
    }
    // All three of a batch, acknowledged or not; the acknowledged ones are there
    expect([...groups].filter(([, size]) => size !== 3)).toEqual([]);
    expect(seen.groups.filter((group) => !groups.has(group))).toEqual([]);
    for (const [writer, n] of seen.marks) {
      const mark = await store.getById<{ round: number; n: number }>('marks', writer);
      expect(mark?.round).toBe(round);
      expect(mark?.n).toBeGreaterThanOrEqual(n);
    }
  } finally {
    await store.close();
  }
}

async function crash({ driver, dsn }: Omit<Store, 'mode'>): Promise<void> {
  const mode = await writeMode(driver, dsn);
  let acknowledged = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const seen = await liveAndDie({ driver, dsn, mode }, round);
    acknowledged += seen.rows.length + seen.groups.length;
    await verify(driver, dsn, round, seen);
  }
  expect(acknowledged).toBeGreaterThan(0);
  console.log(
    `${driver} (${mode}): ${ROUNDS} kills, ${acknowledged} acknowledged writes, none lost`,
  );
}

describe(`a server that is killed (${ROUNDS} times, CRASH_ROUNDS sets how often)`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'crash-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('loses no acknowledged write and breaks no unique key on sqlite', async () => {
    await crash({ driver: 'sqlite', dsn: join(folder, 'store.db') });
  }, 3_600_000);

  const address = mongodbAddress('crash');
  it.skipIf(address === null)(
    'loses no acknowledged write and breaks no unique key on mongodb',
    async () => {
      if (address === null) return;
      try {
        await crash({ driver: 'mongodb', dsn: address.dsn });
      } finally {
        await address.drop();
      }
    },
    3_600_000,
  );
});
