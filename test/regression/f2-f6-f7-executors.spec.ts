import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { isGone } from '../support/is-gone.js';
import { PlainClient } from '../support/plain-client.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 }); // processes start slowly on a busy machine
const WAIT = { timeout: 60_000, interval: 50 };

const PLUGIN = `
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { accepts, description, h, Plugin, returns, Task, task } from 'dispatcher';

@description('Returns at once') @task('faults.quick') @returns(Number)
export class Quick extends Task { verify() { return []; } run() { return process.pid; } }

@description('Says who runs it, and waits') @task('faults.wait')
export class Wait extends Task {
  verify() { return []; }
  async run() {
    this.setProgress(1, String(process.pid));
    await new Promise((resolve) => this.signal.addEventListener('abort', resolve));
  }
}

@description('Runs a subtask') @task('faults.parent') @returns(Number)
export class Parent extends Task { verify() { return []; } run() { return this.runSubtaskSync('faults.quick'); } }

@description('Starts programs in every way that there is, and ends or waits')
@task('faults.start') @accepts(h.enumOf(['ends', 'waits']))
export class Start extends Task {
  verify() { return []; }
  async run(then) {
    const silent = { stdio: 'ignore' };
    const own = [
      spawn('sleep', ['600'], silent),                                             // in the group
      spawn('sleep', ['600'], { ...silent, detached: true }),                      // leads a group
      spawn('sleep', ['600'], { ...silent, detached: true, env: {} }),             // knows of nobody
      spawn('setsid', ['-w', 'sleep', '600'], silent),                             // a session
    ];
    const daemon = spawn('sh', ['-c', 'setsid sleep 600 >/dev/null & echo $!']);   // its parent ends
    const [text] = await new Promise((resolve) => daemon.stdout.on('data', (...all) => resolve(all)));
    const session = () => readFileSync('/proc/' + Number(String(text)) + '/stat', 'utf8').split(' ')[5];
    while (session() !== String(text).trim()) await new Promise((resolve) => setTimeout(resolve, 5)); // until then it is in the group
    for (const child of own) child.unref();
    this.setProgress(1, JSON.stringify([process.pid, ...own.map(({ pid }) => pid), Number(String(text))]));
    if (then === 'waits') await new Promise(() => setInterval(() => 0, 1_000));
  }
}

@Plugin({ providers: [Quick, Wait, Parent, Start] }) export default class {}
`;

interface TaskRow {
  readonly state: string;
  readonly result: unknown;
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly extra: unknown;
  } | null;
  readonly progress: { readonly message: string | null };
}

const isLinux = process.platform === 'linux';

describe.skipIf(!isLinux)(
  'Executors on a machine in trouble (Linux, for /proc and prlimit)',
  () => {
    let server: PluginServer;
    let client: PlainClient;
    let sockets: Socket[] = [];
    let usual = 0;

    beforeAll(async () => {
      server = await PluginServer.start(
        { 'faults.ts': PLUGIN },
        {
          dispatcher: {
            tasks: { executors: { min: 0, max: 2 } },
            frontend: true,
            limits: { connections: 5_000, 'connections-per-address': 5_000 },
          },
        },
      );
      client = await server.admin();
      const limits = readFileSync(`/proc/${pid()}/limits`, 'utf8');
      usual = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
    });
    afterEach(() => {
      limitDescriptors(usual);
      for (const socket of sockets) socket.destroy();
      sockets = [];
    });
    afterAll(() => server.stop());

    const pid = (): number => server.process.pid;
    const submit = (name: string, ...args: unknown[]): Promise<number> =>
      client.result('task.submit', name, args);
    const row = (id: number): Promise<TaskRow> => client.result('task.status', id);
    const ended = (id: number): Promise<TaskRow> => client.result('task.wait', id);
    const waits = async (id: number): Promise<unknown> =>
      (await client.result<{ waits: unknown }>('task.explain', id)).waits;
    const executors = (): Promise<{ pid: number; state: string; task: number | null }[]> =>
      client.result('task.list_executors');

    /** A task that has begun, and what it said of itself. */
    async function begun(name: string, ...args: unknown[]): Promise<{ id: number; said: string }> {
      const id = await submit(name, ...args);
      await vi.waitFor(async () => expect((await row(id)).progress.message).not.toBeNull(), WAIT);
      return { id, said: (await row(id)).progress.message! };
    }

    function limitDescriptors(count: number): void {
      const { status, stderr } = spawnSync('prlimit', [`--pid=${pid()}`, `--nofile=${count}:`]);
      if (status !== 0 && !server.process.hasExited) throw new Error(String(stderr));
    }

    /** From now on the server gets no other descriptor. */
    function takeDescriptors(): void {
      const numbers = readdirSync(`/proc/${pid()}/fd`).map(Number);
      limitDescriptors(Math.min(...gaps(numbers)));
    }

    async function noExecutor(): Promise<void> {
      for (const { pid: executor } of await executors()) process.kill(executor, 'SIGKILL');
      await vi.waitFor(async () => expect(await executors()).toEqual([]), WAIT);
    }

    const EMFILE = expect.stringMatching(/^No task executor can be started: .*EMFILE/) as unknown;

    it.each(['faults.quick', 'faults.parent'])(
      'F2: without a descriptor %s waits, says why and runs when there is one again',
      async (name) => {
        await noExecutor();
        takeDescriptors();
        const id = await submit(name);
        await vi.waitFor(async () => {
          expect(await waits(id)).toEqual([{ relation: 'executor', reason: EMFILE }]);
        }, WAIT);
        expect((await row(id)).state).toBe('WAITING');
        limitDescriptors(usual);
        expect(await ended(id)).toMatchObject({ state: 'FINISHED', error: null });
      },
    );

    it('F2: without a descriptor nobody is let in, those who are stay, and the server lives', async () => {
      takeDescriptors();
      const port = Number(new URL(server.process.url).port);
      const debug = Number(/http:\/\/[^:]+:(\d+)/.exec(server.process.readyLine)?.[1]);
      const turnedAway = Array.from({ length: 60 }, (_, n) => {
        const socket = connect(n % 2 === 0 ? port : debug, '127.0.0.1');
        sockets.push(socket);
        socket.on('error', () => undefined);
        socket.write('GET / HTTP/1.1\r\n');
        return new Promise((resolve) => socket.on('close', resolve));
      });
      await Promise.all(turnedAway);
      expect(await client.result('management.ping')).toBe('pong');
      limitDescriptors(usual);
      await (await PlainClient.loggedIn(server.process.url)).close();
    });

    it('F6: a task whose executor was stopped fails, and says so', async () => {
      const { id, said } = await begun('faults.wait');
      process.kill(Number(said), 'SIGSTOP');
      expect(await ended(id)).toMatchObject({
        state: 'FAILED',
        error: {
          code: 14,
          message: 'Task executor died',
          extra: { reason: 'it was stopped by a signal, and nobody let it go on' },
        },
      });
      await vi.waitFor(() => expect(isGone(Number(said))).toBe(true), WAIT);
    });

    it('F6: an idle executor that was stopped keeps nobody waiting for ever', async () => {
      const { result } = await ended(await submit('faults.quick'));
      process.kill(Number(result), 'SIGSTOP');
      const tasks = await Promise.all([submit('faults.quick'), submit('faults.quick')]);
      for (const id of tasks) expect((await ended(id)).state).toMatch(/FINISHED|FAILED/);
      await vi.waitFor(() => expect(isGone(Number(result))).toBe(true), WAIT);
    });

    it('F6: one that goes on in time has lost nothing', async () => {
      const { id, said } = await begun('faults.wait');
      process.kill(Number(said), 'SIGSTOP');
      await vi.waitFor(() => expect(stateOf(Number(said))).toBe('T'), WAIT);
      process.kill(Number(said), 'SIGCONT');
      expect(await client.result('task.abort', id)).toBe(true);
      expect(await ended(id)).toMatchObject({ state: 'ABORTED', error: null });
      expect(isGone(Number(said))).toBe(false);
    });

    it('F6: whatever a task has started ends with its executor, wherever it went', async () => {
      const { id, said } = await begun('faults.start', 'waits');
      const [executor, ...programs] = JSON.parse(said) as number[];
      expect(programs.filter(isGone)).toEqual([]);
      process.kill(executor!, 'SIGKILL');
      expect(await ended(id)).toMatchObject({ state: 'FAILED', error: { code: 14 } });
      await vi.waitFor(
        () => expect(programs.filter((program) => !isGone(program))).toEqual([]),
        WAIT,
      );
    });

    it('F6: what a task that has finished left running on purpose is nobody’s leftover', async () => {
      const { id, said } = await begun('faults.start', 'ends');
      expect((await ended(id)).state).toBe('FINISHED');
      const [executor, , leader, , , daemon] = JSON.parse(said) as number[];
      await vi.waitFor(() => expect(isGone(executor!)).toBe(true), WAIT);
      expect([leader, daemon].map((program) => isGone(program!))).toEqual([false, false]);
      for (const program of (JSON.parse(said) as number[]).slice(1)) {
        spawnSync('kill', ['-9', String(program)]);
      }
    });

    it('F6: whatever a task has started ends with the server that was killed', async () => {
      const { said } = await begun('faults.start', 'waits');
      process.kill(pid(), 'SIGKILL');
      const all = JSON.parse(said) as number[];
      await vi.waitFor(() => expect(all.filter((one) => !isGone(one))).toEqual([]), WAIT);
    });
  },
);

/** Numbers that are free below the highest, and the one above it. */
function gaps(numbers: readonly number[]): number[] {
  const taken = new Set(numbers);
  return Array.from({ length: Math.max(...numbers) + 2 }, (_, n) => n).filter((n) => !taken.has(n));
}

function stateOf(pid: number): string {
  const stat = readFileSync(join('/proc', String(pid), 'stat'), 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
}
