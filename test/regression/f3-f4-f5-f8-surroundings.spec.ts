import { type ChildProcess, spawn, spawnSync, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '../support/free-port.js';
import { PlainClient } from '../support/plain-client.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const WAIT = { timeout: 60_000, interval: 100 };
const ENTRY = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const CLI = fileURLToPath(new URL('../../dist/src/cli/dispatcherctl.js', import.meta.url));
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';

let folder: string;
let child: ChildProcess | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dispatcher-faults-'));
});
afterEach(async () => {
  if (child !== null && child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
  child = null;
  rmSync(folder, { recursive: true, force: true });
});

interface Launch {
  readonly dispatcher?: Readonly<Record<string, unknown>>;
  readonly datastore?: Readonly<Record<string, unknown>>;
  readonly stdio?: StdioOptions;
  readonly uid?: number;
  /** In place of Node.js itself, with the arguments for it behind. */
  readonly shell?: string;
  readonly state?: string;
  readonly config?: string;
}

async function launch(
  how: Launch,
): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const port = await freePort();
  const file = join(folder, 'middleware.conf');
  const dispatcher = {
    'websocket-port': port,
    frontend: false,
    'shipped-plugins': false,
    ...how.dispatcher,
  };
  writeFileSync(file, JSON.stringify({ dispatcher, datastore: how.datastore }));
  const args = [ENTRY, '-c', how.config ?? file];
  const [command, rest] =
    how.shell === undefined
      ? [process.execPath, args]
      : ['sh', ['-c', `${how.shell}; exec "$@"`, 'sh', process.execPath, ...args]];
  child = spawn(command, rest, {
    env: { ...process.env, STATE_DIRECTORY: how.state ?? join(folder, 'state') },
    stdio: how.stdio ?? ['ignore', 'pipe', 'pipe'],
    ...(how.uid !== undefined && { uid: how.uid, gid: how.uid }),
  });
  return { url: `ws://127.0.0.1:${port}/socket`, child };
}

/** A client as soon as one is let in; fails when the server ends first. */
async function loggedIn(url: string): Promise<PlainClient> {
  const exited = once(child!, 'exit').then(() => Promise.reject(new Error('It has ended')));
  exited.catch(() => undefined);
  const connected = vi.waitFor(() => PlainClient.connect(url), WAIT);
  return Promise.race([connected, exited]);
}

async function ended(process: ChildProcess): Promise<{ status: number; stderr: string }> {
  const [exit, stderr] = await Promise.all([once(process, 'exit'), text(process.stderr!)]);
  return { status: exit[0] as number, stderr };
}

async function failed(how: Launch): Promise<{ status: number; stderr: string }> {
  const { child: started } = await launch(how);
  return ended(started);
}

const log = (): string => join(folder, 'server.log');
const fileLog = () => ({ logging: 'file', 'log-file': log() });

describe('F3: nobody reads what the server prints', () => {
  const BEHIND: readonly [string, () => number | 'pipe'][] = [
    ['has no reader', () => 'pipe'],
    ['is a full disk', () => openSync('/dev/full', 'w')],
  ];

  it.runIf(isLinux).each(BEHIND)(
    'F3: its standard output and error %s, and a server that logs to a file lives',
    async (_, open) => {
      const { url, child: server } = await launch({
        dispatcher: fileLog(),
        stdio: ['ignore', open(), open()],
      });
      server.stdout?.destroy();
      server.stderr?.destroy();
      const client = await loggedIn(url);
      // the ready line is behind by now, and so is the turn in which its failure would have ended the server
      for (let turn = 0; turn < 5; turn += 1) await client.settled();
      expect(server.exitCode).toBeNull();
      await client.close();
    },
  );

  it('F3: its log has no reader any more, and it lives', async () => {
    const { url, child: server } = await launch({ dispatcher: { 'log-level': 'debug' } });
    server.stderr?.destroy();
    const client = await loggedIn(url);
    for (let turn = 0; turn < 20; turn += 1) await client.settled();
    expect(server.exitCode).toBeNull();
    await client.close();
  });

  it.runIf(isLinux)(
    'F3: the reader of its log has fallen asleep, and it answers as before',
    async () => {
      const plugins = join(folder, 'plugins');
      mkdirSync(plugins);
      writeFileSync(
        join(plugins, 'loud.ts'),
        `import { accepts, description, Plugin, Provider, provider, returns, unauthenticated } from 'dispatcher';
       @description('Writes much') @provider('loud')
       export class Loud extends Provider {
         @description('A thousand long lines') @accepts() @returns(Number) @unauthenticated()
         shout() { for (let n = 0; n < 1000; n += 1) this.logger.warn('x'.repeat(1000), { n }); return 1000; }
       }
       @Plugin({ providers: [Loud] }) export default class {}`,
      );
      const { url, child: server } = await launch({ dispatcher: { 'plugin-dirs': [plugins] } });
      server.stderr!.pause();
      const client = await loggedIn(url);
      for (let n = 0; n < 5; n += 1) expect(await client.result('loud.shout')).toBe(1_000);
      // whoever wakes up gets what was kept, each line whole, and hears of the rest
      const lines: string[] = [];
      server.stderr!.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
      server.stderr!.resume();
      await vi.waitFor(() => expect(lines.join('')).toMatch(/lines of the log were lost/), WAIT);
      const whole = lines.join('').trimEnd().split('\n').slice(0, -1);
      expect(whole.filter((line) => !line.startsWith('{') || !line.endsWith('}'))).toEqual([]);
      await client.close();
    },
  );

  it('F3: dispatcherctl ends without a word when whoever reads its answer has seen enough', async () => {
    const cli = spawn(process.execPath, [CLI, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    cli.stdout.destroy();
    expect(await ended(cli)).toEqual({ status: 141, stderr: '' });
  });
});

describe('F4: the pidfile', () => {
  const pidfile = (): string => join(folder, 'dispatcher.pid');

  async function startsAnyway(more: Launch = {}): Promise<void> {
    const { child: server } = await launch({ dispatcher: { pidfile: pidfile() }, ...more });
    await vi.waitFor(() => expect(readFileSync(pidfile(), 'utf8')).toBe(`${server.pid}\n`), WAIT);
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }

  it.runIf(isRoot && isLinux)(
    'F4: that names a living process of root is no obstacle to an unprivileged server (needs root)',
    async () => {
      writeFileSync(pidfile(), '1\n');
      for (const path of [folder, pidfile()]) chownSync(path, NOBODY, NOBODY);
      await startsAnyway({ uid: NOBODY });
      // what a killed one has left, whose number root's process has got by now
      writeFileSync(pidfile(), '1\n');
      await startsAnyway({ uid: NOBODY });
    },
  );

  it.runIf(isRoot && isLinux)(
    'F4: of a living server that cannot be looked into is one: its lock says so (needs root)',
    async () => {
      chownSync(folder, NOBODY, NOBODY);
      const { child: first } = await launch({ dispatcher: { pidfile: pidfile() } });
      await vi.waitFor(() => expect(readFileSync(pidfile(), 'utf8')).toBe(`${first.pid}\n`), WAIT);
      const state = join(folder, 'second');
      const second = await failed({ dispatcher: { pidfile: pidfile() }, uid: NOBODY, state });
      first.kill('SIGKILL');
      expect(second).toEqual({
        status: 1,
        stderr: `dispatcher: The pidfile ${pidfile()} belongs to process ${first.pid}, which runs: stop that first\n`,
      });
    },
  );

  it('F4: that is garbage, or a link to nowhere, is replaced', async () => {
    writeFileSync(pidfile(), 'x'.repeat(100_000));
    await startsAnyway();
    rmSync(pidfile());
    symlinkSync(join(folder, 'nowhere'), pidfile());
    await startsAnyway();
  });

  it.each([
    ['a folder', (path: string) => mkdirSync(path), 'it is a folder'],
    ['a named pipe', (path: string) => void spawnSync('mkfifo', [path]), 'it is no plain file'],
  ])('F4: that is %s keeps the server from starting, by one line', async (_, make, reason) => {
    make(pidfile());
    const { status, stderr } = await failed({ dispatcher: { pidfile: pidfile() } });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `dispatcher: Cannot write the pidfile ${pidfile()}: ${reason}\n`,
    });
  });
});

describe('F5: a disk that is full', () => {
  it.runIf(isRoot && isLinux)(
    'F5: makes the server not ready, says why, and is over when there is room (needs the right to mount)',
    async () => {
      const disk = join(folder, 'disk');
      mkdirSync(disk);
      const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
      if (status !== 0) return;
      try {
        const debug = await freePort();
        const plugins = join(folder, 'plugins');
        mkdirSync(plugins);
        writeFileSync(
          join(plugins, 'big.ts'),
          `import { accepts, description, Plugin, Task, task } from 'dispatcher';
           @description('Is a large row') @task('big', { executor: 'inline' }) @accepts(String)
           export class Big extends Task { verify() { return []; } run() { return null; } }
           @Plugin({ providers: [Big] }) export default class {}`,
        );
        const { url } = await launch({
          dispatcher: { 'frontend-port': debug, frontend: true, 'plugin-dirs': [plugins] },
          datastore: { driver: 'sqlite', dsn: join(disk, 'store.db') },
        });
        const client = await loggedIn(url);
        await client.request('rpc', 'auth', { username: 'root', password: '' });
        const health = async (name: string) => {
          const response = await fetch(`http://127.0.0.1:${debug}/${name}`);
          return {
            status: response.status,
            body: (await response.json()) as { reasons: string[] },
          };
        };
        await vi.waitFor(async () => expect((await health('readyz')).status).toBe(200), WAIT);
        const filler = join(disk, 'filler');
        spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4k', 'count=8192'], {
          stdio: 'ignore',
        });
        const submit = () => client.call('task.submit', 'big', ['x'.repeat(60_000)]);
        await vi.waitFor(async () => {
          expect((await submit()).args).toMatchObject({ code: 28 });
        }, WAIT);
        const reason = expect.stringContaining('takes no changes: Datastore') as unknown;
        expect(await health('readyz')).toMatchObject({ status: 503, body: { reasons: [reason] } });
        expect(await health('healthz')).toMatchObject({
          status: 200,
          body: { checks: { datastore_writes: { ok: true, reason } } },
        });
        expect(await client.result('management.status')).toMatchObject({
          'store-failure': expect.stringContaining('the disk is full') as unknown,
        });
        rmSync(filler);
        await vi.waitFor(async () => expect((await health('readyz')).status).toBe(200), WAIT);
        expect(await client.result('management.status')).toMatchObject({ 'store-failure': null });
        await client.close();
      } finally {
        child?.kill('SIGKILL');
        spawnSync('umount', ['-l', disk]);
      }
    },
  );
});

describe('F8: a server that is started in a folder that is gone', () => {
  const gone = (): string => `mkdir ${folder}/gone; cd ${folder}/gone; rmdir ${folder}/gone`;

  it('F8: starts', async () => {
    const { url } = await launch({ shell: gone() });
    await (await loggedIn(url)).close();
  });

  it.each([
    ['--config', { config: 'middleware.conf' }],
    ['STATE_DIRECTORY', { state: 'state' }],
  ])('F8: names what it was given relative to it: %s', async (name, how) => {
    const given = Object.values(how)[0];
    expect(await failed({ shell: gone(), ...how })).toEqual({
      status: 1,
      stderr: `dispatcher: The folder that the server was started in is gone: ${name} has to be an absolute path, got ${given}\n`,
    });
  });

  it('F8: and one without HOME and TMPDIR starts as well', async () => {
    const { url } = await launch({ shell: 'unset HOME; export TMPDIR=/nowhere' });
    await (await loggedIn(url)).close();
  });
});
