import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { WireTask } from '../contract/task-plugin.js';
import { childrenOf } from '../support/children-of.js';
import { isGone } from '../support/is-gone.js';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';
import { crashPlugin } from '../tasks/support/crash-plugin.js';

/** Ten by hand: `DEATHS=10 npx vitest run test/process/death.spec.ts`. */
const DEATHS = Number(process.env['DEATHS'] ?? 4);
const TIMEOUT_MS = 300_000;
const TASKS = ['crash.inline', 'crash.apart', 'crash.parent', 'crash.again'];
/** Tasks whose submit was answered in each life of the server, and how many are submitted at a time. */
const ANSWERED = 12;
const SUBMITTERS = 4;
/** Calls that are under way beside them, over a connection of their own. */
const CALLERS = 4;
const CALLS = 50;
let directory: string;
let pidfile: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-death-'));
  pidfile = join(directory, 'dispatcher.pid');
  await writeFile(join(directory, 'crash.ts'), crashPlugin(join(directory, 'witness')));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** A server on the state of the one before, in the middle of calls, inline tasks and isolated ones. */
class BusyServer {
  /** Of this server and all before it: tasks that somebody was promised. */
  static readonly acknowledged = new Map<number, string>();
  readonly #ended: Promise<unknown>;

  private constructor(
    readonly process: ServerProcess,
    submitter: PlainClient,
    caller: PlainClient,
  ) {
    const submits = Array.from({ length: SUBMITTERS }, (_, lane) => this.#submit(submitter, lane));
    const calls = Array.from({ length: CALLERS }, () => this.#call(caller));
    this.#ended = Promise.allSettled([...submits, ...calls]); // when the server is gone
  }

  static async start(): Promise<BusyServer> {
    const server = await ServerProcess.start({
      dispatcher: { pidfile, 'plugin-dirs': [directory], 'shipped-plugins': false },
      stateDirectory: join(directory, 'state'),
    });
    expect((await readFile(pidfile, 'utf8')).trim()).toBe(String(server.pid));
    const [submitter, caller] = await Promise.all([
      PlainClient.loggedIn(server.url),
      PlainClient.loggedIn(server.url),
    ]);
    return new BusyServer(server, submitter, caller);
  }

  /** Resolves with the processes that it has started when it is in the middle of enough. */
  async atItsBusiest(): Promise<readonly number[]> {
    const { acknowledged } = BusyServer;
    const wanted = acknowledged.size + ANSWERED;
    await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThanOrEqual(wanted), 60_000);
    return childrenOf(this.process.pid);
  }

  whenGone(): Promise<unknown> {
    return this.#ended;
  }

  async #submit(client: PlainClient, lane: number): Promise<never> {
    for (let turn = lane; ; turn += 1) {
      const name = TASKS[turn % TASKS.length]!;
      const key = `${lane}-${turn}`;
      const id = await client.result<number>('task.submit', name, [key, '', turn % 10]);
      BusyServer.acknowledged.set(id, name);
    }
  }

  async #call(client: PlainClient): Promise<never> {
    for (;;) {
      await Promise.all(Array.from({ length: CALLS }, () => client.call('discovery.get_services')));
      client.received.length = 0; // nobody reads them again
    }
  }
}

async function assertNothingLeft(children: readonly number[]): Promise<void> {
  await vi.waitFor(() => expect(children.filter((pid) => !isGone(pid))).toEqual([]), 20_000);
}

/** Each task that was acknowledged has its row and comes to an end: one that it may have by its class. */
async function assertNoneLost(): Promise<void> {
  const server = await ServerProcess.start({
    dispatcher: { 'plugin-dirs': [directory], 'shipped-plugins': false },
    stateDirectory: join(directory, 'state'),
  });
  try {
    const client = await PlainClient.loggedIn(server.url);
    const ends = new Map<string, number>();
    for (const [id, name] of BusyServer.acknowledged) {
      const row = await client.result<WireTask>('task.wait', id);
      ends.set(row.state, (ends.get(row.state) ?? 0) + 1);
      if (row.state === 'FINISHED') continue;
      const cut = { state: 'FAILED', error: { message: 'dispatcher process died' } };
      expect(row, JSON.stringify(row)).toMatchObject(cut);
      expect(name).not.toBe('crash.again'); // it asked to be run again
    }
    expect(ends.get('FINISHED')).toBeGreaterThan(0);
  } finally {
    await server.stop();
    BusyServer.acknowledged.clear();
  }
}

it(
  `${DEATHS} kill -9 under load leave a pidfile that the next server knows for stale, no executor and no lost task`,
  async () => {
    for (let i = 0; i < DEATHS; i += 1) {
      const server = await BusyServer.start();
      const children = await server.atItsBusiest();
      const exited = once(server.process.child, 'exit');
      server.process.child.kill('SIGKILL');
      expect((await exited)[1]).toBe('SIGKILL');
      expect(existsSync(pidfile)).toBe(true);
      await server.whenGone();
      await assertNothingLeft(children);
      await server.process.stop();
    }
    const last = await BusyServer.start();
    expect(await last.process.stop()).toBe(0);
    expect(existsSync(pidfile)).toBe(false);
    await assertNoneLost();
  },
  TIMEOUT_MS,
);

it(
  `${DEATHS} SIGTERM under load end with status 0, take the pidfile along, and leave no executor and no lost task`,
  async () => {
    for (let i = 0; i < DEATHS; i += 1) {
      const server = await BusyServer.start();
      const children = await server.atItsBusiest();
      expect(children.length).toBeGreaterThan(0);
      expect(await server.process.stop()).toBe(0);
      expect(existsSync(pidfile)).toBe(false);
      const { log } = server.process;
      expect(log.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
      await server.whenGone();
      await assertNothingLeft(children);
    }
    await assertNoneLost();
  },
  TIMEOUT_MS,
);
