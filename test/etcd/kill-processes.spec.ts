import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childrenOf } from '../support/children-of.js';
import { seeded } from '../support/random.js';
import { EtcdGround, renderer } from './etcd-ground.js';

/** How often something is killed; more by hand: ETCD_KILLS=200. The same again: its ETCD_KILL_SEED. */
const KILLS = Number(process.env['ETCD_KILLS'] ?? 6);
const SEED = Number(process.env['ETCD_KILL_SEED'] ?? Date.now() % 1_000_000);
const LIVES_MS = 700;
const FILES = ['one', 'two', 'deep/three'] as const;
const LETTERS = ['a', 'b'] as const;
const BYTES = 1_048_576;
const PAUSE_MS = 3;
const ROUND_MS = 40_000;

type Victim = 'etcd' | 'worker' | 'dispatcher';
const VICTIMS: readonly Victim[] = ['etcd', 'worker', 'dispatcher'];

/** The letter that the whole file consists of; throws for a file that is anything else. */
function letterOf(bytes: Buffer): string {
  const [first = 0] = bytes;
  const letter = String.fromCharCode(first);
  const isWhole = bytes.length === BYTES && bytes.equals(Buffer.alloc(BYTES, letter));
  if (isWhole && LETTERS.includes(letter as 'a')) return letter;
  throw new Error(`${bytes.length} bytes, the first of them ${first}`);
}

describe(`killed ${KILLS} times (seed ${SEED}), etcd, its renderer and the dispatcher`, () => {
  const ground = new EtcdGround();
  const random = seeded(SEED);
  const counts = {
    reads: 0,
    changes: 0,
    etcd: 0,
    worker: 0,
    dispatcher: 0,
    restarts: 0,
    agreed: 0,
  };
  let isOver = false;
  let damage: unknown = null;
  let reading: Promise<void> = Promise.resolve();
  let writing: Promise<void> = Promise.resolve();

  beforeAll(async () => {
    const body = `async render() { return Buffer.alloc(${BYTES}, await this.config<string>('t.v') ?? 'a'); }`;
    ground.put(Object.fromEntries(FILES.map((name) => [`${name}.ts`, renderer(body)])));
    await ground.startAll({ debounce: { 'quiet-ms': 10, 'max-ms': 20 } });
    reading = readAll();
    writing = alternate();
  });
  afterAll(async () => {
    isOver = true;
    await Promise.all([reading, writing]);
    await ground.stop();
  });

  async function readAll(): Promise<void> {
    while (!isOver) {
      for (const name of FILES) {
        try {
          letterOf(readFileSync(join(ground.root, name)));
          counts.reads += 1;
        } catch (error) {
          damage ??= error;
        }
      }
      await passed(PAUSE_MS);
    }
  }

  async function alternate(): Promise<void> {
    for (let turn = 0; !isOver; turn += 1) {
      await ground.set({ 't.v': LETTERS[turn % 2] }).then(
        () => (counts.changes += 1),
        () => undefined, // it is being killed
      );
      await passed(30);
    }
  }

  async function kill(victim: Victim): Promise<void> {
    counts[victim] += 1;
    if (victim !== 'worker') counts.restarts += 1;
    if (victim === 'etcd') {
      await ground.stopEtcd('SIGKILL');
      await ground.startEtcd({ debounce: { 'quiet-ms': 10, 'max-ms': 20 } });
    } else if (victim === 'worker') {
      for (const pid of childrenOf(ground.etcd!.pid!)) process.kill(pid, 'SIGKILL');
    } else {
      await ground.server.stop('SIGKILL');
      await ground.startServer();
    }
  }

  /** What is known agrees with the disk between two generations, also while files alternate. */
  async function agrees(): Promise<void> {
    await expect
      .poll(() => ground.call('etcd.generation.verify').catch((error: unknown) => String(error)), {
        timeout: ROUND_MS / 2,
      })
      .toEqual([]);
    counts.agreed += 1;
  }

  it(
    'leave every file whole at every moment, nothing behind, and agree with the disk afterwards',
    async () => {
      for (let round = 0; round < KILLS; round += 1) {
        await passed(random() * LIVES_MS);
        await kill(VICTIMS[round % VICTIMS.length]!);
        await agrees();
        expect(damage).toBeNull();
      }
      isOver = true;
      await Promise.all([reading, writing]);
      await ground.client.ready();
      await expect
        .poll(() =>
          ground.set({ 't.v': 'b' }).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      for (const name of FILES) {
        await expect
          .poll(() => letterOf(readFileSync(join(ground.root, name))), { timeout: 15_000 })
          .toBe('b');
      }
      await agrees();
      const names = readdirSync(ground.root, { recursive: true }).map(String);
      expect(names.sort()).toEqual(['deep', 'deep/three', 'one', 'two']);
      expect(damage).toBeNull();
      expect(counts.reads).toBeGreaterThan(KILLS);
      console.log(`etcd kills, seed ${SEED}: ${JSON.stringify(counts)}`);
    },
    60_000 + KILLS * ROUND_MS,
  );
});
