import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EtcdGround } from '../etcd/etcd-ground.js';
import { type Ended, runCli, runOnTerminal, noTerminal, SHELL } from './support/run-cli.js';

interface Report {
  readonly id: string;
  readonly files: readonly { name: string; outcome: string; diff?: string }[];
}

describe('dispatcherctl etcd', () => {
  const ground = new EtcdGround();
  beforeAll(async () => {
    ground.put({
      'a/b.conf.liquid': 'x={{ v }}\n',
      'a/b.conf.meta.json': '{ "data": { "v": { "config": "t.v" } }, "watch": false }',
      'bad.liquid': 'one\n{{ nobody }}\n',
      'secret.static': 'hidden',
      'off.liquid': 'v={{ v }}\n',
      'off.meta.json': '{ "enabled": { "config": "t.on" }, "data": { "v": { "config": "t.v" } } }',
      'secret.meta.json': '{ "sensitive": true, "mode": "0600" }',
      'groups.json':
        '{ "both": { "description": "Two", "dependencies": ["file:a/b.conf", "file:secret"] } }',
    });
    await ground.startAll();
  });
  afterAll(() => ground.stop());
  beforeEach(async () => {
    await ground.client.call('neighbour.set', [{ 't.v': 1 }]);
    await ground.client.call('etcd.generation.generate_file', ['a/b.conf']);
  });

  const env = () => ({
    DISPATCHER_URL: ground.server.url,
    XDG_CACHE_HOME: join(ground.folder, 'cache'),
  });
  const etcd = (...words: string[]): Promise<Ended> => runCli(['etcd', ...words], { env: env() });
  const json = ({ stdout }: Ended): unknown => JSON.parse(stdout);

  it('lists files and groups', async () => {
    const files = await etcd('files', 'state=clean', '--select', 'name,state', '--csv');
    expect(files).toEqual({
      status: 0,
      stderr: '',
      stdout: 'name,state\r\na/b.conf,clean\r\nsecret,clean\r\n',
    });
    expect(json(await etcd('groups'))).toMatchObject([
      { name: 'both', files: ['a/b.conf', 'secret'] },
    ]);
  });

  it('shows what would change, with 7, and writes nothing', async () => {
    expect(await etcd('plan', 'group:both')).toMatchObject({ status: 0, stderr: '' });
    await ground.client.call('neighbour.set', [{ 't.v': 2 }]);
    const before = ground.read('a/b.conf');
    const planned = await etcd('plan', 'a/b.conf');
    expect(planned).toMatchObject({ status: 7, stderr: '' });
    const [file] = (json(planned) as Report).files;
    expect(file).toMatchObject({ name: 'a/b.conf', outcome: 'changed' });
    expect(file?.diff).toMatch(/^-x=1\n\+x=2$/m);
    expect(ground.read('a/b.conf')).toBe(before);
  });

  it('shows what a file that is turned off would be, when that is asked for', async () => {
    expect(await etcd('plan', 'off')).toMatchObject({ status: 0 });
    const planned = await etcd('plan', 'off', '--as-enabled');
    expect(planned).toMatchObject({ status: 7, stderr: '' });
    const [file] = (json(planned) as Report).files;
    expect(file).toMatchObject({ name: 'off', outcome: 'created' });
    expect(file?.diff).toContain('\n+v=1\n');
    expect(existsSync(join(ground.root, 'off'))).toBe(false);
    expect(json(await etcd('files', 'name=off'))).toMatchObject([{ state: 'disabled' }]);
  });

  it.skipIf(noTerminal)('shows the difference to people as lines', async () => {
    await ground.client.call('neighbour.set', [{ 't.v': '\x1b[31m' }]);
    const { status, screen } = await runOnTerminal(['etcd', 'plan', 'a/b.conf'], { env: env() });
    expect(status).toBe(1); // a value with a control character goes into no file
    expect(screen).not.toContain('\x1b[31m');
    await ground.client.call('neighbour.set', [{ 't.v': 3 }]);
    const good = await runOnTerminal(['etcd', 'plan', 'a/b.conf'], { env: env() });
    expect(good.status).toBe(7);
    expect(good.screen).toMatch(/changed +a\/b\.conf \(contents\)\r\n[^]*\r\n-x=1\r\n\+x=3\r\n/);
  });

  it('generates, and tells of the file that failed after the report', async () => {
    await ground.client.call('neighbour.set', [{ 't.v': 4 }]);
    const { status, stdout, stderr } = await etcd('generate', 'a/b.conf', 'bad');
    expect(status).toBe(1);
    expect(stderr).toBe('EIO: Generation failed: bad (render)\n');
    const outcomes = (JSON.parse(stdout) as Report).files.map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['changed', 'failed']);
    expect(ground.body('a/b.conf')).toBe('x=4\n');
  });

  it('keeps what is confirmed', async () => {
    await ground.client.call('neighbour.set', [{ 't.v': 5 }]);
    const generated = await etcd('generate', 'a/b.conf', '--confirm', '600');
    const { id } = json(generated) as Report;
    expect(generated.stderr).toBe(
      `Taken back in 600 s, unless: dispatcherctl etcd confirm ${id}\n`,
    );
    expect(await etcd('confirm', id)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect((await etcd('confirm', id)).status).toBe(1); // there is nothing to confirm any more
    expect(await etcd('generate', 'a/b.conf', '--confirm', '600')).toMatchObject({ stderr: '' });
  });

  it('finds what somebody else changed, restores it, or takes it for right', async () => {
    const edit = (): void => writeFileSync(join(ground.root, 'a/b.conf'), 'mine\n');
    expect(await etcd('verify')).toMatchObject({ status: 0, stderr: '' });
    edit();
    const drifted = await etcd('verify', 'a/b.conf');
    expect(drifted.status).toBe(7);
    expect(json(drifted)).toMatchObject([{ name: 'a/b.conf', kind: 'edited' }]);
    expect((await etcd('restore', 'a/b.conf')).status).toBe(0);
    expect(ground.body('a/b.conf')).toBe('x=1\n');
    edit();
    expect(await etcd('accept', 'a/b.conf')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect((await etcd('verify')).status).toBe(0);
  });

  it('shows what a file was, and puts it back', async () => {
    await ground.client.call('neighbour.set', [{ 't.v': 6 }]);
    await etcd('generate', 'a/b.conf');
    const [newest] = json(await etcd('history', 'a/b.conf')) as readonly { n: number }[];
    const n = String(newest?.n);
    expect((await etcd('show', 'a/b.conf', n)).stdout).toMatch(/\nx=1\n$/);
    expect((await etcd('rollback', 'a/b.conf', n)).status).toBe(0);
    expect(ground.body('a/b.conf')).toBe('x=1\n');
    expect(await etcd('show', 'a/b.conf', 'first')).toMatchObject({ status: 2, stdout: '' });
    expect(await etcd('show', 'a/b.conf', '4000')).toMatchObject({ status: 1, stdout: '' });
  });

  it('explains a file, and manages the process', async () => {
    expect(json(await etcd('explain', 'a/b.conf'))).toMatchObject({
      dependencies: [],
      reason: 'call',
      state: 'clean',
    });
    expect((await etcd('explain', 'nope')).stderr).toMatch(/^ENOENT: No such file/);
    for (const word of ['pause', 'resume', 'rescan']) {
      expect(await etcd(word)).toEqual({ status: 0, stdout: '', stderr: '' });
    }
    expect(json(await etcd('status'))).toMatchObject({ root: ground.root });
  });

  it('has the same names in the shell', async () => {
    const { status, stdout } = await runCli(
      [
        '-e',
        'etcd file show name==a/b.conf | select state --json; etcd generation get_groups --json',
      ],
      { env: env(), program: SHELL },
    );
    expect([status, stdout]).toEqual([0, '[\n  "clean"\n]\n[\n  "both"\n]\n']);
  });

  it('says so when there is no etcd', async () => {
    await ground.stopEtcd();
    expect(await etcd('files')).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'dispatcherctl: No dispatcher-etcd is connected to this server; dispatcher-etcd run starts one\n',
    });
    expect(await ground.command('plan')).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'dispatcher-etcd: No dispatcher-etcd is connected to this server; dispatcher-etcd run starts one\n',
    });
  });
});
