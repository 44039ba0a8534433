import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { makeCertificate } from '../support/certificate.js';
import { ServerProcess } from '../support/server-process.js';
import { PROBE } from './support/probe-plugin.js';
import { type CliOptions, type Ended, endOf, runCli, startCli } from './support/run-cli.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PASSWORD = 'correct horse battery';
let server: PluginServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dispatcher-cli-'));
  server = await PluginServer.start({ 'probe.ts': PROBE });
  const client = await server.admin();
  const password = { $password: PASSWORD };
  await client.result('account.create', { username: 'rita', password, roles: ['reader'] });
  await client.result('account.create', { username: 'olga', password, roles: ['operator'] });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const ctl = (words: readonly string[], { env, ...options }: CliOptions = {}): Promise<Ended> =>
  runCli(words, { ...options, env: { DISPATCHER_URL: server.process.url, ...env } });
const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('dispatcherctl user', () => {
  it('says of a role that nothing names what there are, and of no other', async () => {
    expect(await ctl(['user', 'add', 'sam', '--role', 'operater'])).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(
        /^Warning: .*operater.*there are admin, .*operator, .*reader\n$/,
      ) as string,
    });
    await ctl(['call', 'role.create', 'name=backup', 'methods=file.*']);
    expect(await ctl(['user', 'update', 'sam', '--role', 'backup', '--role', 'reader'])).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('dispatcherctl call', () => {
  it('prints the answer and nothing else', async () => {
    const words = ['call', 'probe.add', 'a=2', 'b=3'];
    expect(await ctl(words)).toEqual({ status: 0, stdout: '5\n', stderr: '' });
  });

  it.each<[string, readonly string[], string]>([
    ['by position', ['2', '3'], '5\n'],
    ['as JSON', ['a:=2', 'b:=3'], '5\n'],
    ['as one JSON array', ['[2, 3]'], '5\n'],
    ['as one JSON object', ['{"a": 2, "b": 3}'], '5\n'],
    ['in another order', ['b=3', 'a=2'], '5\n'],
  ])('takes arguments %s', async (_, args, stdout) => {
    expect(await ctl(['call', 'probe.add', ...args])).toEqual({ status: 0, stdout, stderr: '' });
  });

  it('names the argument that does not fit, by the name that was typed', async () => {
    const { status, stdout, stderr } = await ctl(['call', 'probe.add', 'a=x', 'b=3']);
    expect([status, stdout]).toEqual([1, '']);
    const [first, ...more] = stderr.trimEnd().split('\n');
    expect(first).toMatch(/^EINVAL: /);
    expect(more).toEqual(['a: must be integer']);
  });

  it('makes of text what the schema says', async () => {
    const note = file('note.txt', 'from a file\n');
    const bytes = file('bytes.bin', 'abc');
    const args = [
      'when=2026-01-31',
      'kind=hot',
      'enabled=yes',
      'tags=a,b',
      `note@${note}`,
      `bytes@${bytes}`,
    ];
    const { stdout } = await ctl(['call', 'probe.typed', ...args, 'secret=s3cr3t']);
    expect(JSON.parse(stdout)).toEqual({
      ...{ when: { $date: '2026-01-31T00:00:00.000Z' }, kind: 'hot', enabled: true },
      ...{ tags: ['a', 'b'], note: 'from a file\n', bytes: { $binary: 'YWJj' } },
      secret: expect.anything() as unknown,
    });
    expect(stdout).not.toContain('s3cr3t');
  });

  it('reads an argument from the standard input', async () => {
    const { stdout } = await ctl(['call', 'probe.typed', 'note@-'], { input: 'piped' });
    expect(JSON.parse(stdout)).toEqual({ note: 'piped' });
  });

  it('prints exact values', async () => {
    const { stdout } = await ctl(['call', 'probe.exact', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      ...{ int: 7, none: null, text: '1', long: { $long: '1152921504606846976' } },
      ...{ at: { $date: '1970-01-01T00:00:00.000Z' }, nested: [{ a: 1 }] },
    });
  });

  it.each<[string, readonly string[], number, RegExp]>([
    ['a method that there is none of', ['probe.ad'], 1, /^ENOENT: .*probe\.add/],
    ['a service that there is none of', ['prob.add'], 1, /^ENOENT: .*probe/],
    ['an argument that there is none of', ['probe.typed', 'nte=x'], 2, /no argument "nte".*note/],
    ['the same argument twice', ['probe.add', 'a=1', 'a=2'], 2, /a is given twice/],
    ['a value by position behind a named one', ['probe.add', 'a=1', '2'], 2, /before named/],
    ['JSON that is none', ['probe.add', 'a:={'], 2, /a: not JSON/],
    ['whole arguments that are no JSON', ['probe.add', '[1,'], 2, /not JSON/],
    ['a file that is not there', ['probe.typed', 'note@/no/such'], 2, /note: \/no\/such.*ENOENT/],
  ])('refuses %s', async (_, args, status, message) => {
    const ended = await ctl(['call', ...args]);
    expect([ended.status, ended.stdout]).toEqual([status, '']);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });

  it('gives up after --timeout with 5', async () => {
    const { status, stdout, stderr } = await ctl(['call', 'probe.never', '--timeout', '500ms']);
    expect([status, stdout]).toEqual([5, '']);
    expect(stderr).toMatch(/^dispatcherctl: Not done within 500ms\n$/);
  });

  it('ends at ^C with 130 and without a word', async () => {
    const child = startCli(['--url', server.process.url, 'call', 'probe.endless']);
    const ended = endOf(child);
    child.stdout!.once('data', () => child.kill('SIGINT'));
    expect(await ended).toMatchObject({ status: 130, stderr: '' });
  });

  it('ends with 141 and without a word when the reader has seen enough', async () => {
    const child = startCli(['--url', server.process.url, 'call', 'probe.endless']);
    child.stdout!.once('data', () => child.stdout!.destroy());
    const ended = await new Promise((resolve) => child.once('exit', resolve));
    expect(ended).toBe(141);
  });
});

describe('the forms of an answer', () => {
  const rows = (...options: string[]) => ctl(['call', 'probe.many', '2', ...options]);

  it.each<[readonly string[], string]>([
    [['--ndjson', '--select', 'n'], '0\n1\n'],
    [['--select', 'n'], '[\n  0,\n  1\n]\n'],
    [
      ['--csv', '--select', 'n,name'],
      `n,name\r\n0,${'name '.repeat(10)}0\r\n1,${'name '.repeat(10)}1\r\n`,
    ],
    [['--yaml', '--select', 'n'], '- 0\n- 1\n'],
  ])('%j', async (options, stdout) => {
    expect(await rows(...options)).toEqual({ status: 0, stdout, stderr: '' });
  });

  it('are one at a time', async () => {
    expect(await rows('--csv', '--json')).toMatchObject({ status: 2, stdout: '' });
  });

  it('have nothing in them that a terminal obeys, whatever the server says', async () => {
    for (const options of [[], ['--table'], ['--yaml'], ['--ndjson']]) {
      const { stdout } = await ctl(['call', 'probe.hostile', ...options]);
      expect(stdout, options.join()).toContain('owned');
      // eslint-disable-next-line no-control-regex -- that is the point
      expect(stdout, options.join()).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    }
    const { stderr } = await ctl(['call', 'probe.hostile_error']);
    expect(stderr).toBe('EBUSY: no\\x1b[2J\\x0afaked: line\n');
  });
});

describe('the command line', () => {
  it.each<[readonly string[], RegExp]>([
    [['call', 'probe.add', '--jsn'], /no option "--jsn".*"--json".*\nUsage: dispatcherctl call/],
    [['cal', 'probe.add'], /no command "cal", did you mean "call"/],
    [['task', 'lst'], /no command "task lst", did you mean "list"/],
    [['call'], /METHOD is missing.*\nUsage: dispatcherctl call/],
    [['task'], /which command\?.*show/],
    [['services', 'x'], /What is "x" for/],
    [['call', 'x', '--url'], /--url needs URL/],
    [['call', 'x', '--json=1'], /--json takes no value/],
    [['--password', 'x', 'status'], /no option "--password"/],
    [['status', '--url', 'http://x'], /no address of a server/],
    [['status', '--url', 'ws://me:secret@x/'], /no password in it/],
    [['status', '--timeout', 'soon'], /--timeout: a time/],
    [['task', 'show', 'seven'], /"seven" is no number of a task/],
    [['task', 'list', 'what'], /"what" is no filter/],
  ])('%j is a mistake that is told, with 2', async (words, message) => {
    const { status, stdout, stderr } = await ctl(words);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  it('takes options before, between and behind the words', async () => {
    const { url } = server.process;
    for (const words of [
      ['--url', url, 'task', 'list', '--json'],
      ['task', '--url', url, 'list', '--json'],
      ['task', 'list', '--json', `--url=${url}`],
    ]) {
      expect(await runCli(words), words.join(' ')).toMatchObject({ status: 0, stderr: '' });
    }
  });

  it('helps: with everything, with a group, with a command, with a method', async () => {
    expect((await ctl(['--help'])).stdout).toContain('submit TASK');
    expect((await ctl(['help', 'task'])).stdout).toContain('explain ID');
    expect((await ctl(['task', 'list', '--help'])).stdout).toContain('--limit N');
    const { stdout } = await ctl(['call', 'probe.typed', '--help']);
    expect(stdout).toMatch(/\[note\] +text +for people/);
    expect((await runCli(['call', 'probe.typed', '--help'])).stdout).toContain('Usage:');
  });
});

describe('who cannot get through', () => {
  const listening = async (tcp: Server): Promise<string> => {
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void tcp.close());
    return `127.0.0.1:${(tcp.address() as AddressInfo).port}`;
  };
  it('is told that nobody listens, with 4, in one line', async () => {
    const tcp = createServer();
    const host = await listening(tcp);
    await new Promise((resolve) => tcp.close(resolve));
    const startedMs = Date.now();
    const ended = await ctl(['--url', `ws://${host}/socket`, 'status']);
    expect(ended).toMatchObject({ status: 4, stdout: '' });
    expect(ended.stderr).toBe(
      `dispatcherctl: Cannot connect to ws://${host}/socket: nobody listens there\n`,
    );
    expect(Date.now() - startedMs).toBeLessThan(15_000);
  });

  it('is told that a server says nothing, within the time to connect', async () => {
    const host = await listening(createServer(() => undefined));
    const config = file('quick.conf', JSON.stringify({ cli: { 'connect-timeout-ms': 300 } }));
    const ended = await ctl(['--url', `ws://${host}/socket`, '-c', config, 'status']);
    expect(ended).toMatchObject({ status: 4, stdout: '' });
    expect(ended.stderr).toMatch(/nobody answers\n$/i);
  });

  it('is told of TLS where there is none, and the other way round', async () => {
    const plain = server.process.url.replace('ws:', 'wss:');
    const wrong = await ctl(['--url', plain, 'status']);
    expect(wrong).toMatchObject({ status: 4, stdout: '' });
    expect(wrong.stderr).toMatch(/does not speak TLS: try ws:\/\/ .*\n$/);
    const { certificateFile: certificate, keyFile: key } = await makeCertificate(folder);
    const secure = await ServerProcess.start({
      dispatcher: {
        tls: true,
        'tls-certificate': certificate,
        'tls-keyfile': key,
        frontend: false,
      },
    });
    onTestFinished(() => secure.stop().then(() => undefined));
    const other = await ctl(['--url', secure.url.replace('wss:', 'ws:'), 'status']);
    expect(other).toMatchObject({ status: 4, stdout: '' });
    expect(other.stderr).toMatch(/try wss:\/\//);
    const stranger = await ctl(['--url', secure.url, 'status']);
    expect(stranger).toMatchObject({ status: 4, stdout: '' });
    expect(stranger.stderr).toMatch(/certificate is not trusted.*--ca FILE/);
    const local = secure.url.replace(/\/\/[^:/]+/, '//localhost');
    expect(await ctl(['--url', local, '--ca', certificate, 'status'])).toMatchObject({ status: 0 });
    const insecure = await ctl(['--url', secure.url, '--insecure', 'status']);
    expect(insecure.status).toBe(0);
    expect(insecure.stderr).toMatch(/^Warning: --insecure/);
  });

  it('is told of a server that is none', async () => {
    const host = await listening(
      createHttpServer((_, response) => void response.writeHead(404).end()),
    );
    const ended = await ctl(['--url', `ws://${host}/socket`, 'status']);
    expect(ended).toMatchObject({ status: 4, stdout: '' });
    expect(ended.stderr).toContain('it is no dispatcher, or has another path: it answered 404');
  });

  it('is told that the password is wrong, with 3; it comes from the environment or a file', async () => {
    const as = (env: Record<string, string>, ...words: string[]) =>
      ctl(['--user', 'rita', ...words, 'call', 'session.whoami', '--select', 'username'], { env });
    const wrong = await as({ DISPATCHER_PASSWORD: 'guess' });
    expect(wrong).toMatchObject({ status: 3, stdout: '' });
    expect(wrong.stderr).toMatch(/^EACCES: [^\n]+\n$/);
    expect(await as({ DISPATCHER_PASSWORD: PASSWORD })).toMatchObject({ stdout: '"rita"\n' });
    const secret = file('password', `${PASSWORD}\n`);
    expect(await as({}, '--password-file', secret)).toMatchObject({ stdout: '"rita"\n' });
    expect(await as({}, '--password-file', '/no/such')).toMatchObject({ status: 2 });
  });

  it('is told that a role is missing, with 3', async () => {
    const env = { DISPATCHER_USER: 'rita', DISPATCHER_PASSWORD: PASSWORD };
    for (const words of [
      ['call', 'probe.for_admins'],
      ['submit', 'probe.fail'],
      ['user', 'list'],
    ]) {
      const ended = await ctl(words, { env });
      expect(ended, words.join(' ')).toMatchObject({ status: 3, stdout: '' });
      expect(ended.stderr).toMatch(/^E(?:ACCES|PERM): /);
    }
  });

  it('logs in with an API key from a file or the environment, until it is revoked', async () => {
    const { stdout: key } = await ctl(['api-key', 'create', 'nightly', '--of', 'olga']);
    const path = file('key', key);
    const whoami = ['call', 'session.whoami', '--select', 'username'];
    expect(await ctl(['--token-file', path, ...whoami])).toMatchObject({ stdout: '"olga"\n' });
    const env = { DISPATCHER_TOKEN: key.trim() };
    expect(await ctl(whoami, { env })).toMatchObject({ status: 0, stdout: '"olga"\n' });
    const { stdout: id } = await ctl([
      'api-key',
      'list',
      '--of',
      'olga',
      '--ndjson',
      '--select',
      'id',
    ]);
    expect(await ctl(['api-key', 'revoke', JSON.parse(id) as string])).toMatchObject({ status: 0 });
    expect(await ctl(whoami, { env })).toMatchObject({ status: 3, stdout: '' });
  });

  it('finds the unix socket of the configuration, and cli.url before it', async () => {
    const socket = join(folder, 'd.sock');
    const own = await ServerProcess.start({
      dispatcher: { 'unix-socket': socket, frontend: false },
    });
    onTestFinished(() => own.stop().then(() => undefined));
    const by = (document: object) =>
      runCli(['-c', file('address.conf', JSON.stringify(document)), 'status', '--select', 'url']);
    const dispatcher = { 'unix-socket': socket };
    expect(await by({ dispatcher })).toMatchObject({ stdout: `ws+unix:${socket}:/socket\n` });
    expect(await by({ dispatcher, cli: { url: own.url } })).toMatchObject({
      stdout: `${own.url}\n`,
    });
  });

  it.each<[string, object, RegExp]>([
    [
      'a key that there is none of',
      { cli: { 'conect-timeout-ms': 1 } },
      /cli\.conect-timeout-ms: unknown key, did you mean "connect-timeout-ms"/,
    ],
    [
      'plugin-dirs that are no list',
      { cli: { 'plugin-dirs': '/x' } },
      /cli\.plugin-dirs: expected an array/,
    ],
    ['a section that is none', { cli: 5 }, /cli: expected an object/],
  ])('is told of %s in the configuration, with 2', async (_, document, message) => {
    const config = file('wrong.conf', JSON.stringify(document));
    const ended = await ctl(['-c', config, 'status']);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(message);
  });

  it('has settings of its own, which may not name folders of code', async () => {
    const home = mkdtempSync(join(folder, 'home-'));
    mkdirSync(join(home, 'dispatcher'));
    const own = (text: string) => {
      writeFileSync(join(home, 'dispatcher/cli.json'), text);
      return ctl(['status'], { env: { XDG_CONFIG_HOME: home } });
    };
    expect(await own('{"pager": "never"}')).toMatchObject({ status: 0 });
    expect((await own('{"plugin-dirs": ["/x"]}')).stderr).toMatch(
      /cli\.json: plugin-dirs: unknown key/,
    );
    expect(await own('{"pager":')).toMatchObject({ status: 2 });
  });
});
