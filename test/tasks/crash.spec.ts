import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { messageOf } from '../../src/common/index.js';
import { mongodbAddress } from '../conformance/mongodb-target.js';
import type { WireTask } from '../contract/task-plugin.js';
import { childrenOf } from '../support/children-of.js';
import { isGone } from '../support/is-gone.js';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';
import { crashPlugin } from './support/crash-plugin.js';
import { seeded } from '../support/random.js';

const ROUNDS = Number(process.env['TASK_CRASH_ROUNDS'] ?? 6);
const SEED = Number(process.env['TASK_CRASH_SEED'] ?? Date.now() % 1_000_000);
const CLIENTS = 3;
const MOST_IN_A_ROUND = 60;

const TASKS = ['crash.inline', 'crash.inline', 'crash.apart', 'crash.again', 'crash.parent'];
const RESOURCES = ['', 'disk:a', 'disk:b', 'pool:ab', 'root'];
/** What each of them locks: two that have a part in common exclude each other. */
const SPAN: Readonly<Record<string, readonly string[]>> = {
  'disk:a': ['a', 'pool'],
  'disk:b': ['b', 'pool'],
  'pool:ab': ['pool'],
  root: ['a', 'b', 'pool'],
};
const REQUEUED = 'crash.again';
/** Leaves no line itself, only its subtasks do. */
const PARENT = 'crash.parent';

interface Submit {
  readonly key: string;
  readonly name: string;
  readonly args: readonly [string, string, number];
}

/** What clients were told, over all lives of the server. */
class Memory {
  readonly acknowledged = new Map<number, Submit>();
  /** Sent, and never answered: whether it was stored, nobody knows. */
  readonly open = new Map<string, Submit>();
  #keys = 0;

  constructor(private readonly random: () => number) {}

  next(): Submit {
    this.#keys += 1;
    const key = `key-${this.#keys}`;
    const pick = <T>(list: readonly T[]): T => list[Math.floor(this.random() * list.length)]!;
    const ms = this.random() < 0.3 ? Math.ceil(this.random() * 20) : 0;
    const submit: Submit = { key, name: pick(TASKS), args: [key, pick(RESOURCES), ms] };
    this.open.set(key, submit);
    return submit;
  }

  answered(id: number, submit: Submit): void {
    const known = this.acknowledged.get(id);
    if (known !== undefined) expect(known.key).toBe(submit.key);
    this.acknowledged.set(id, submit);
    this.open.delete(submit.key);
  }
}

const submitTo = (client: PlainClient, { key, name, args }: Submit) =>
  client.result<number>('task.submit_with_env', name, args, { idempotencyKey: key });

/**
 * One life of the server: load until so many submits are answered, then SIGKILL in the middle of
 * it; with none, while it still recovers. Resolves with the processes that it had started.
 */
async function live(server: ServerProcess, memory: Memory, random: () => number) {
  const until = Math.floor(random() * MOST_IN_A_ROUND);
  let answered = 0;
  let children: readonly number[] = [];
  const kill = (): void => {
    children = childrenOf(server.pid);
    server.child.kill('SIGKILL');
  };
  if (until === 0) {
    kill();
    return children;
  }
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => PlainClient.loggedIn(server.url)),
  );
  const retried = [...memory.open.values()];
  const work = clients.map(async (client) => {
    for (;;) {
      const submit = retried.pop() ?? memory.next();
      memory.answered(await submitTo(client, submit), submit);
      answered += 1;
      if (answered === until) kill();
    }
  });
  await Promise.allSettled(work);
  await Promise.all(clients.map(({ closed }) => closed));
  return children;
}

interface Line {
  readonly kind: 'begin' | 'end' | 'killed';
  readonly id: number;
  readonly key: string;
  readonly resource: string;
}

function linesOf(witness: string): Line[] {
  if (!existsSync(witness)) return [];
  return readFileSync(witness, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [kind, id, key, resource] = line.split(' ');
      return { kind, id: Number(id), key, resource: resource ?? '' } as Line;
    });
}

/** No two that exclude each other were between their begin and their end at the same time. */
function assertExclusive(
  lines: readonly Line[],
  parents: ReadonlyMap<number, number | null>,
): void {
  const running = new Map<number, string>();
  for (const { kind, id, resource } of lines) {
    if (kind === 'killed') running.clear();
    else if (kind === 'end') running.delete(id);
    else {
      for (const [other, held] of running) {
        const isSibling = parents.get(id) !== null && parents.get(id) === parents.get(other);
        const shared = SPAN[resource]?.some((part) => SPAN[held]?.includes(part)) === true;
        if (shared && !isSibling) {
          throw new Error(`Task ${id} on ${resource} began while ${other} ran on ${held}`);
        }
      }
      running.set(id, resource);
    }
  }
}

async function crash(driver: string, datastore: Readonly<Record<string, string>> | undefined) {
  const directory = await mkdtemp(join(tmpdir(), 'dispatcher-crash-'));
  const witness = join(directory, 'witness');
  await writeFile(join(directory, 'crash.ts'), crashPlugin(witness));
  const random = seeded(SEED);
  const memory = new Memory(random);
  const start = () =>
    ServerProcess.start({
      ...(datastore !== undefined && { datastore }),
      stateDirectory: join(directory, 'state'),
      dispatcher: { 'plugin-dirs': [directory], 'shipped-plugins': false, frontend: false },
    });
  let server = await start();
  try {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const children = await live(server, memory, random);
      await server.stop('SIGKILL');
      await vi.waitFor(() => expect(children.filter((pid) => !isGone(pid))).toEqual([]), 10_000);
      appendFileSync(witness, 'killed 0\n');
      server = await start();
    }
    const states = await verify(server, memory, witness);
    console.log(
      `${driver}: ${ROUNDS} kills, ${memory.acknowledged.size} acknowledged tasks, none lost:`,
      Object.fromEntries(states),
    );
  } catch (error) {
    throw new Error(`With TASK_CRASH_SEED=${SEED}: ${messageOf(error)}`, { cause: error });
  } finally {
    await server.stop('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  }
}

async function verify(server: ServerProcess, memory: Memory, witness: string) {
  const client = await PlainClient.loggedIn(server.url);
  const states = new Map<string, number>();
  for (const [id, submit] of memory.acknowledged) {
    const row = await client.result<WireTask>('task.wait', id);
    expect(row).toMatchObject({ id, name: submit.name, args: submit.args });
    states.set(row.state, (states.get(row.state) ?? 0) + 1);
    if (row.state !== 'FINISHED') {
      const error = { code: 4, message: 'dispatcher process died' };
      expect(row, JSON.stringify(row)).toMatchObject({ state: 'FAILED', error });
      expect(row.name).not.toBe(REQUEUED);
    }
  }
  await allEnded(client); // also those whose answer was lost, and what they start
  const rows = await client.result<WireTask[]>('task.query', [], { sort: 'id' });
  const lines = linesOf(witness); // complete by now
  assertRuns(lines, rows);
  const keys = rows.filter(({ parent }) => parent === null).map(({ args }) => args[0]);
  expect(new Set(keys).size, 'a key stands for one task').toBe(keys.length);
  assertExclusive(lines, new Map(rows.map(({ id, parent }) => [id, parent])));
  for (const [id, submit] of memory.acknowledged) expect(await submitTo(client, submit)).toBe(id);
  expect(await submitTo(client, memory.next())).toBeGreaterThan(rows.at(-1)?.id ?? Infinity);
  expect(states.get('FINISHED')).toBeGreaterThan(0);
  await client.close();
  return states;
}

async function allEnded(client: PlainClient): Promise<void> {
  for (;;) {
    const ids = await client.result<number[]>(
      'task.query',
      [['state', 'nin', ['FINISHED', 'FAILED', 'ABORTED']]],
      { select: 'id' },
    );
    if (ids.length === 0) return;
    await Promise.all(ids.map((id) => client.result('task.wait', id)));
  }
}

/** What ran has a row, the one it was submitted with, and ran as often as its row says and its class allows. */
function assertRuns(lines: readonly Line[], rows: readonly WireTask[]): void {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const runs = { begin: new Map<number, number>(), end: new Map<number, number>() };
  for (const { kind, id, key } of lines) {
    if (kind === 'killed') continue;
    expect(byId.get(id)?.args[0], `task ${id} that ran`).toBe(key);
    runs[kind].set(id, (runs[kind].get(id) ?? 0) + 1);
  }
  for (const { id, name, state } of rows) {
    const [begun, ended] = [runs.begin.get(id) ?? 0, runs.end.get(id) ?? 0];
    if (name !== REQUEUED) expect(begun, `task ${id} ran again`).toBeLessThanOrEqual(1);
    if (name === PARENT || state !== 'FINISHED') continue;
    expect(ended, `task ${id} finished`).toBeGreaterThanOrEqual(1);
  }
}

describe(`A server that is killed under load (${ROUNDS} times, TASK_CRASH_ROUNDS sets how often)`, () => {
  test('loses no task that it acknowledged and runs none twice, over the embedded store', async () => {
    await crash('sqlite', undefined);
  }, 3_600_000);

  const mongodb = mongodbAddress('taskcrash');
  test.skipIf(mongodb === null)(
    'loses no task that it acknowledged and runs none twice, over MongoDB',
    async () => {
      try {
        await crash('mongodb', { driver: 'mongodb', dsn: mongodb?.dsn ?? '' });
      } finally {
        await mongodb?.drop();
      }
    },
    3_600_000,
  );
});
