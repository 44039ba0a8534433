import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NPM = ['--no-audit', '--no-fund', '--prefer-offline'];

/** What somebody types who has the package and nothing else, in the order in which it is typed. */
let folder: string;
const children: ChildProcess[] = [];
let server: string;
let host: { readonly http: string; readonly ws: string };

const at = (...path: readonly string[]): string => join(folder, ...path);
const PROVIDER = 'plugins/disk-watch/disk-watch.provider.ts';

/** Runs a line in the folder. @throws Error with what it wrote */
async function type(program: string, args: readonly string[], cwd = folder): Promise<string> {
  const env = { ...process.env, DISPATCHER_URL: server, STATE_DIRECTORY: at('state') };
  const { stdout } = await run(program, args, { cwd, env, maxBuffer: 2 ** 24 });
  return stdout;
}
const control = (...args: readonly string[]): Promise<string> =>
  type('npx', ['--no-install', 'dispatcherctl', ...args]);
const call = async (method: string, ...args: readonly unknown[]): Promise<unknown> =>
  JSON.parse(await control('call', method, JSON.stringify(args)));

/** Starts a program that goes on; resolves with the line that says where it listens. */
async function start(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const output: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => output.push(line));
  const found = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(line);
      if (/(?:http|ws):\/\//.test(line) && !line.includes('WARN')) resolve(line);
    });
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(output.join('\n'));
  });
  ended.catch(() => undefined);
  return Promise.race([found, ended]);
}
const urlIn = (line: string, scheme: string): string =>
  new RegExp(`${scheme}://[\\w.:]+[\\w/]*`).exec(line)?.[0] ?? '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dispatcher-newcomer-'));
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  ) as [{ readonly filename: string }];
  await writeFile(at('package.json'), JSON.stringify({ private: true, type: 'module' }));
  const nest = ['common', 'core', 'platform-express', 'schedule'].map((it) => `@nestjs/${it}@12`);
  const tools = ['reflect-metadata', 'typescript@6', '@types/node@20'];
  await type('npm', ['install', ...NPM, `./${packed.filename}`, ...nest, ...tools]);
}, 180_000);

afterAll(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill();
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true });
});

describe('from an empty folder, with the packed product', () => {
  it('makes a plugin, whose project passes its tests, lint and check', async () => {
    await control('plugin', 'new', 'disk-watch', '--dir', 'plugins');
    const project = at('plugins/disk-watch');
    await type('npm', ['install', ...NPM], project);
    await type('npm', ['test'], project);
    await type('npm', ['run', 'build'], project);
    await type('npm', ['run', 'lint'], project);
    expect(await control('plugin', 'check', project, '--strict')).toContain('disk_watch.greet');
  }, 180_000);

  it('loads it, breaks it while the old one goes on serving, and mends it', async () => {
    const dispatcher = {
      'websocket-port': 0,
      'websocket-address': '127.0.0.1',
      frontend: false,
      'http-calls': true,
      'plugin-dirs': ['plugins'],
    };
    await writeFile(at('middleware.conf'), JSON.stringify({ dispatcher }));
    const program = 'node_modules/dispatcher/dist/src/main.js';
    const line = await start([program, '-c', 'middleware.conf'], { STATE_DIRECTORY: at('state') });
    server = urlIn(line, 'ws');
    expect(await call('disk_watch.greet', 'you')).toBe('Hello, you!');

    const source = await readFile(at(PROVIDER), 'utf8');
    await writeFile(at(PROVIDER), source.replace('greet(name', 'greet(('));
    await expect(control('call', 'management.reload_plugins', '[["disk-watch"]]')).rejects.toThrow(
      /disk-watch\.provider\.ts/,
    );
    expect(await call('disk_watch.greet', 'you')).toBe('Hello, you!');

    await writeFile(at(PROVIDER), source.replace('Hello', 'Welcome'));
    await control('call', 'management.reload_plugins', '[["disk-watch"]]');
    expect(await call('disk_watch.greet', 'you')).toBe('Welcome, you!');
  }, 120_000);

  it('is called from curl with an API key', async () => {
    await call('account.create', {
      username: 'ada',
      password: 'a long password',
      roles: ['reader'],
    });
    const key = await call('account.create_api_key', { name: 'nightly', username: 'ada' });
    const { key: token } = key as { readonly key: string };
    const url = `${server.replace('ws:', 'http:').replace(/\/socket$/, '')}/rpc/disk_watch.greet`;
    const post = (authorization: string) =>
      type('curl', [
        ...['-sS', '-H', `Authorization: Bearer ${authorization}`],
        ...['-H', 'Content-Type: application/json', '-d', '["you"]', url],
      ]);
    expect(JSON.parse(await post(token))).toBe('Welcome, you!');
    expect(JSON.parse(await post('nobody'))).toMatchObject({ status: 401 });
  }, 60_000);

  it('is in a Nest application with schedules and a guard, where it is packed and installed', async () => {
    await cp(at('node_modules/dispatcher/examples/host-application'), at('host'), {
      recursive: true,
    });
    await type('npx', ['--no-install', 'tsc', '-p', 'host']);
    const env = { PORT: '0', DISPATCHER_PORT: '0', STATE_DIRECTORY: at('host-state') };
    const line = await start(['host/dist/main.js'], env);
    host = { http: urlIn(line, 'http'), ws: urlIn(line, 'ws') };
    expect((await fetch(`${host.http}/stock/bolt`, { method: 'POST' })).status).toBe(403);
    server = host.ws;
    await control('plugin', 'pack', 'plugins/disk-watch');
    const archive = 'disk-watch-0.1.0.tgz';
    await control('plugin', 'install', archive, '--dir', 'host/dist/plugins', '--reload');
    expect(await call('disk_watch.greet', 'you')).toBe('Welcome, you!');
  }, 120_000);

  it('is asked by another Nest service', async () => {
    const env = { PORT: '0', DISPATCHER_URL: host.ws };
    const reader = urlIn(await start(['host/dist/reader/main.js'], env), 'http');
    expect(await (await fetch(`${reader}/parts/bolt`)).json()).toEqual({ count: 40 });
    expect((await fetch(`${reader}/parts/nut`)).status).toBe(404);
  }, 60_000);
});
