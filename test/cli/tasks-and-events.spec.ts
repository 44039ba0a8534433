import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { freePort } from '../support/free-port.js';
import { PROBE } from './support/probe-plugin.js';
import {
  type CliOptions,
  CTL,
  type Ended,
  endOf,
  runCli,
  SHELL,
  startCli,
} from './support/run-cli.js';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

/** Who listens to it as well can be seen to listen. */
const SELDOM = 'server.client_stalled';

let server: PluginServer;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dispatcher-cli-tasks-'));
  server = await PluginServer.start({ 'probe.ts': PROBE });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const ctl = (words: readonly string[], options: CliOptions = {}): Promise<Ended> =>
  runCli(['--url', server.process.url, ...words], options);
const started = (words: readonly string[]) => startCli(['--url', server.process.url, ...words]);

/** The number of the task that is executing, as soon as there is one. */
async function executing(of = server): Promise<number> {
  const client = await of.admin();
  return vi.waitFor(
    async () => {
      const filter = [['state', '=', 'EXECUTING']];
      const [row] = await client.result<{ id: number }[]>('task.query', filter);
      expect(row).toBeDefined();
      return row!.id;
    },
    { timeout: 30_000, interval: 100 },
  );
}

const stateOf = async (id: number): Promise<string> => {
  const { stdout } = await ctl(['task', 'show', String(id), '--select', 'state']);
  return stdout.trim();
};

describe('dispatcherctl submit', () => {
  it('prints the result of the task', async () => {
    const ended = await ctl(['submit', 'probe.slow', 'seconds=0']);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(ended.stdout)).toEqual({ slept: 0 });
  });

  it('ends with 1 and the code and message of a task that failed', async () => {
    const failed = { status: 1, stdout: '', stderr: 'EACCES: The disk is locked\n' };
    expect(await ctl(['submit', 'probe.fail'])).toEqual(failed);
  });

  it('prints the number alone with --detach; the same key is the same task', async () => {
    const words = ['submit', 'probe.slow', 'seconds=0', '--detach', '--idempotency-key', 'once'];
    const { stdout } = await ctl(words);
    expect(stdout).toMatch(/^\d+\n$/);
    expect((await ctl(words)).stdout).toBe(stdout);
    expect(await ctl(['task', 'wait', stdout.trim(), '--select', 'slept'])).toMatchObject({
      stdout: '0\n',
    });
  });

  it('aborts the task at ^C and ends with 130', async () => {
    const child = started(['submit', 'probe.slow', 'seconds=60']);
    const ended = endOf(child);
    const id = await executing();
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ status: 130, stdout: '' });
    expect(await stateOf(id)).toBe('ABORTED');
  });

  it('ends with 6 when somebody else aborts the task', async () => {
    const ended = endOf(started(['submit', 'probe.slow', 'seconds=60']));
    const id = await executing();
    expect(await ctl(['task', 'abort', String(id)])).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(await ended).toMatchObject({ status: 6, stdout: '' });
    expect((await ended).stderr).toContain(`Task ${id} (probe.slow) was aborted`);
    expect(await ctl(['task', 'abort', String(id)])).toMatchObject({ status: 1, stdout: '' });
  });

  it('names the arguments that do not fit, and submits nothing', async () => {
    const { status, stderr } = await ctl(['submit', 'probe.slow', 'seconds=many']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^EINVAL: .*\nseconds: must be number\n$/);
    expect((await ctl(['submit', 'probe.slow', 'secnds=1'])).stderr).toContain(
      'did you mean "seconds"?',
    );
    expect((await ctl(['submit', 'probe.slw'])).status).toBe(1);
  });

  it('gives the waiting up at --timeout with 5; the task goes on', async () => {
    const ended = endOf(started(['submit', 'probe.slow', 'seconds=60', '--timeout', '4']));
    const id = await executing();
    expect(await ended).toMatchObject({ status: 5, stdout: '' });
    expect(await stateOf(id)).toBe('EXECUTING');
    const waiting = started(['task', 'wait', String(id)]);
    const interrupted = endOf(waiting);
    setTimeout(() => waiting.kill('SIGINT'), 2_000);
    expect(await interrupted).toMatchObject({ status: 130 });
    expect(await stateOf(id)).toBe('EXECUTING');
    await ctl(['task', 'abort', String(id)]);
  });

  it('ends with 4 when the server dies for good, and goes on when it comes back', async () => {
    const own = await PluginServer.forThisTest({ 'probe.ts': PROBE });
    const home = mkdtempSync(join(folder, 'home-'));
    mkdirSync(join(home, 'dispatcher'));
    writeFileSync(join(home, 'dispatcher/cli.json'), '{"connect-timeout-ms": 500}');
    const words = ['--url', own.process.url, 'submit', 'probe.slow', 'seconds=60'];
    const ended = endOf(startCli(words, { env: { XDG_CONFIG_HOME: home } }));
    await executing(own);
    process.kill(own.process.pid, 'SIGKILL');
    expect(await ended).toMatchObject({ status: 4, stdout: '' });
    expect((await ended).stderr).toMatch(
      /^Connection lost.*\ndispatcherctl: .* did not come back\n$/,
    );
  });
});

describe('dispatcherctl task', () => {
  it('lists by filters', async () => {
    await ctl(['submit', 'probe.fail']);
    const { stdout } = await ctl([
      'task',
      'list',
      'state=FAILED',
      'created_at>-1h',
      '--ndjson',
      '--select',
      'name',
      '--limit',
      '1',
    ]);
    expect(stdout).toBe('"probe.fail"\n');
    expect((await ctl(['task', 'list', 'created_at>+1h', '--json'])).stdout).toBe('[]\n');
  });

  it('refuses a filter that could find nothing', async () => {
    const typo = await ctl(['task', 'list', 'statee=FAILED']);
    expect([typo.status, typo.stdout]).toEqual([2, '']);
    expect(typo.stderr).toMatch(/There is no property statee: .*did you mean "state"\?/);
    const value = await ctl(['task', 'list', 'state=FAILDE', '--csv']);
    expect([value.status, value.stdout]).toEqual([2, '']);
    expect(value.stderr).toMatch(/state: must be/);
    const moment = await ctl(['task', 'list', 'created_at>then']);
    expect(moment.stderr).toMatch(/created_at: must be/);
    expect((await ctl(['task', 'list', 'error.code=16', 'result=null'])).status).toBe(0);
  });

  it('has a line in the log for a task that failed', async () => {
    await ctl(['submit', 'probe.fail']);
    const listed = await ctl(['task', 'list', 'name=probe.fail', '--csv', '--select', 'id']);
    const [header, id = ''] = listed.stdout.split('\r\n');
    expect(header).toBe('id');
    const { stdout } = await ctl(['task', 'logs', id, '--json']);
    expect(JSON.parse(stdout)).toMatchObject([
      { message: `Task ${id} (probe.fail) has failed: EACCES: The disk is locked` },
    ]);
  });

  it('explains, and shows what a task has left in the log', async () => {
    const { stdout } = await ctl(['submit', 'probe.slow', 'seconds=0', '--detach']);
    await ctl(['task', 'wait', stdout.trim()]);
    const explained = await ctl(['task', 'explain', stdout.trim()]);
    expect(JSON.parse(explained.stdout)).toMatchObject({ state: 'FINISHED', waits: [] });
    expect(await ctl(['task', 'logs', stdout.trim()])).toMatchObject({ status: 0 });
    expect(await ctl(['task', 'explain', '999999'])).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('dispatcherctl listen and emit', () => {
  it('prints what was published, one event a line, and ends after --count', async () => {
    const child = started(['listen', 'shop.*', SELDOM, '--count', '2', '--json']);
    const ended = endOf(child);
    await subscribed(server);
    expect(await ctl(['emit', 'shop.sold', 'what=apple', 'count:=3'])).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    await ctl(['emit', 'shop.sold', '{"what": "pear\\u001b[2J"}']);
    const { status, stdout } = await ended;
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; args: object });
    expect([status, lines.length]).toEqual([0, 2]);
    expect(lines[0]).toMatchObject({ name: 'shop.sold', args: { what: 'apple', count: 3 } });

    const { cursor } = lines[0] as unknown as { cursor: string };
    const since = await ctl(['listen', 'shop.*', '--since', cursor, '--count', '1']);
    expect(since.stdout).toMatch(/^\S+ shop\.sold what=pear\\x1b\[2J\n$/);
  });

  it('refuses an event of the server’s own, with the status of a refusal or a failure', async () => {
    const { status, stderr } = await ctl(['emit', 'task.updated', 'id:=1']);
    expect([1, 3]).toContain(status);
    expect(stderr).toMatch(/^E[A-Z]+: /);
  });

  it.each([
    ['listen', CTL, ['listen', 'shop.*', SELDOM, '--count', '2', '--json']],
    ['watch of the shell', SHELL, ['-e', `watch 'shop.*' ${SELDOM} --count 2 --json`]],
  ])('%s goes on after a restart, and says where events are lost', async (_, program, words) => {
    const port = await freePort();
    const settings = {
      dispatcher: { 'websocket-port': port },
      stateDirectory: mkdtempSync(join(folder, 'state-')),
    };
    let own = await PluginServer.start({ 'probe.ts': PROBE }, settings);
    onTestFinished(() => own.stop());
    const child = startCli(['--url', own.process.url, ...words], { program });
    const ended = endOf(child);
    const lines = createInterface({ input: child.stdout! });
    await subscribed(own);
    const first = once(lines, 'line');
    await runCli(['--url', own.process.url, 'emit', 'shop.sold', 'n:=1']);
    await first;
    await own.stop();
    own = await PluginServer.start({ 'probe.ts': PROBE }, settings);
    await subscribed(own);
    await runCli(['--url', own.process.url, 'emit', 'shop.sold', 'n:=2']);
    const { status, stdout, stderr } = await ended;
    expect(status).toBe(0);
    const items = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(items).toMatchObject([{ args: { n: 1 } }, { gap: true }, { args: { n: 2 } }]);
    expect(stderr).toMatch(/^Connection lost.*\nConnected again\n$/);
  });
});

describe('dispatcherctl and the server', () => {
  it('ends with 3 and the reason when somebody is thrown out', async () => {
    const child = started(['listen', SELDOM]);
    const ended = endOf(child);
    await subscribed(server);
    const client = await server.admin();
    const rows = await client.result<{ session_id: number; resource: string | null }[]>(
      'management.get_connected_clients',
    );
    const own = rows.find(({ resource }) => resource === 'dispatcherctl');
    await client.result('management.kick_session', own?.session_id);
    expect(await ended).toEqual({ status: 3, stdout: '', stderr: 'EACCES: Kicked out by root\n' });
  });

  it('waits until it is ready, from before it is there', async () => {
    const port = await freePort();
    const url = `ws://127.0.0.1:${port}/socket`;
    const waiting = runCli(['--url', url, 'wait-ready', '--timeout', '60']);
    const own = await PluginServer.forThisTest({}, { dispatcher: { 'websocket-port': port } });
    expect(own.process.url).toContain(String(port));
    expect(await waiting).toMatchObject({ status: 0, stdout: '' });
    const never = `ws://127.0.0.1:${await freePort()}/socket`;
    expect(await runCli(['--url', never, 'wait-ready', '--timeout', '1'])).toMatchObject({
      status: 5,
      stdout: '',
    });
  });

  it('lists, describes and reloads', async () => {
    expect((await ctl(['services'])).stdout).toContain('"probe"');
    const { stdout } = await ctl(['methods', 'probe', '--csv', '--select', 'name']);
    expect(stdout).toContain('probe.add\r\n');
    expect(JSON.parse((await ctl(['describe', 'probe.slow'])).stdout)).toMatchObject({
      kind: 'task',
    });
    expect((await ctl(['describe', 'probe.slw'])).stderr).toMatch(
      /^ENOENT: .*did you mean "probe.slow"/,
    );
    expect((await ctl(['plugins', '--csv', '--select', 'name,state'])).stdout).toContain(
      'probe,loaded\r\n',
    );
    expect(await ctl(['reload', 'probe'])).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(await ctl(['reload', 'nosuch'])).toMatchObject({ status: 1 });
    expect((await ctl(['status', '--select', 'failed_plugins'])).stdout).toBe('[]\n');
  });
});

/** Resolves when somebody is subscribed to an event that seldom is. */
async function subscribed(to: PluginServer): Promise<void> {
  const client = await to.admin();
  await vi.waitFor(
    async () => {
      const types = await client.result<Record<string, { refcount: number }>>(
        'discovery.get_event_types',
      );
      expect(types[SELDOM]?.refcount).toBeGreaterThan(0);
    },
    { timeout: 30_000, interval: 100 },
  );
}
