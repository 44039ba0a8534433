import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificate.js';
import { DebianRoot } from '../support/debian-root.js';
import { freePort } from '../support/free-port.js';
import { PlainClient } from '../support/plain-client.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CONFIGURATION = 'etc/dispatcher/middleware.conf';
const obstacle = DebianRoot.obstacle();
const hasLintian = spawnSync('which', ['lintian']).status === 0;

let folder: string;
let deb: string;

beforeAll(async () => {
  if (obstacle !== null) return;
  folder = await mkdtemp(join(tmpdir(), 'dispatcher-package-'));
  const script = join(ROOT, 'scripts/package-deb.mjs');
  deb = execFileSync(process.execPath, [script, '--fast', '--output', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}, 120_000);
afterAll(async () => {
  if (obstacle === null) await rm(folder, { recursive: true });
});

const title = obstacle === null ? 'the Debian package' : `the Debian package (${obstacle})`;

describe.skipIf(obstacle !== null)(title, () => {
  it.skipIf(!hasLintian)(
    'has nothing that Debian’s own check complains of',
    () => {
      const { stdout } = spawnSync('lintian', ['--no-cfg', '--allow-root', deb], {
        encoding: 'utf8',
      });
      expect(stdout.split('\n').filter((line) => /^[EW]:/.test(line))).toEqual([]);
    },
    120_000,
  );

  it('serves a newcomer on a clean Debian, and leaves nothing behind', async () => {
    const root = await DebianRoot.create();
    let server: ChildProcess | null = null;
    try {
      await root.installNode();
      await root.install(deb);
      expect(root.run(['dispatcher', '--version']).trim()).toBe(versionOfPackage());
      expect((await stat(root.path(CONFIGURATION))).mode & 0o777).toBe(0o644);

      const port = await configureTls(root);
      const { certificate } = await makeCertificate(folder);
      await installCertificate(root);
      server = await root.startUnit('dispatcher.service');
      const ready = await firstLine(server);
      expect(ready).toContain(`wss://127.0.0.1:${port}`);
      expect(await ownerOf(server)).toBe(root.run(['id', '-u', 'dispatcher']).trim());

      await newcomer(root, { port, certificate });

      const exited = once(server, 'exit');
      server.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
      root.run(['dpkg', '-r', 'dispatcher']);
      expect(existsSync(root.path('usr/lib/dispatcher'))).toBe(false);
      expect(existsSync(root.path(CONFIGURATION))).toBe(true);
      expect(existsSync(root.path('var/lib/dispatcher/datastore.db'))).toBe(true);

      await rm(root.path('etc/dispatcher/tls'), { recursive: true });
      root.run(['dpkg', '-P', 'dispatcher']);
      expect(await leftovers(root)).toEqual([]);
    } finally {
      server?.kill('SIGKILL');
      await root.remove();
    }
  }, 180_000);
});

function versionOfPackage(): string {
  const [, version = ''] = /dispatcher_(.*)-1_/.exec(deb) ?? [];
  return version;
}

/** What the operating guide says about TLS, on a port that nobody else on this machine has. */
async function configureTls(root: DebianRoot): Promise<number> {
  const port = await freePort();
  const document = JSON.parse(await readFile(root.path(CONFIGURATION), 'utf8')) as {
    dispatcher: Record<string, unknown>;
  };
  Object.assign(document.dispatcher, {
    'websocket-port': port,
    'frontend-port': 0,
    tls: true,
    'tls-certificate': 'tls/certificate.pem',
    'tls-keyfile': 'tls/key.pem',
  });
  await writeFile(root.path(CONFIGURATION), JSON.stringify(document));
  return port;
}

async function installCertificate(root: DebianRoot): Promise<void> {
  root.run([
    'install',
    '-d',
    '-o',
    'root',
    '-g',
    'dispatcher',
    '-m',
    '0750',
    '/etc/dispatcher/tls',
  ]);
  for (const name of ['certificate.pem', 'key.pem']) {
    await copyFile(join(folder, name), root.path(`etc/dispatcher/tls/${name}`));
    root.run(['chown', 'root:dispatcher', `/etc/dispatcher/tls/${name}`]);
    root.run(['chmod', '0640', `/etc/dispatcher/tls/${name}`]);
  }
  expect(root.run(['dispatcher', '-c', `/${CONFIGURATION}`, '--check-config'])).toContain(
    'is valid',
  );
}

/** Makes a user as root on the machine, who then logs in with a password over TLS. */
async function newcomer(
  root: DebianRoot,
  { port, certificate }: { readonly port: number; readonly certificate: string },
): Promise<void> {
  const socket = 'ws+unix:/run/dispatcher/dispatcher.sock:/socket';
  root.run(
    [
      'dispatcherctl',
      '--url',
      socket,
      'user',
      'add',
      'jane',
      '--role',
      'admin',
      '--password-stdin',
    ],
    { input: 'correct horse\n' },
  );
  const client = await PlainClient.connect(`wss://localhost:${port}/socket`, { ca: certificate });
  const login = (password: string): ReturnType<PlainClient['request']> =>
    client.request('rpc', 'auth', { username: 'jane', password, check_password: true });
  expect((await login('wrong')).name).toBe('error');
  expect((await login('correct horse')).name).toBe('response');
  expect(await client.result('management.get_plugins')).toEqual(
    expect.arrayContaining([expect.objectContaining({ name: 'system', state: 'loaded' })]),
  );
  expect(await client.result('system.uptime')).toHaveProperty('seconds');
  await client.close();
}

async function firstLine(server: ChildProcess): Promise<string> {
  const errors: string[] = [];
  createInterface({ input: server.stderr! }).on('line', (line) => errors.push(line));
  const ended = once(server, 'exit').then(() => {
    throw new Error(`The server ended before it was ready: ${errors.join('\n')}`);
  });
  const [line] = (await Promise.race([
    once(createInterface({ input: server.stdout! }), 'line'),
    ended,
  ])) as [string];
  ended.catch(() => undefined);
  return line;
}

/** The user that a process runs as, by number. chroot and env have become the server by exec. */
async function ownerOf({ pid }: ChildProcess): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return /^Uid:\s+(\d+)/m.exec(status)?.[1] ?? '';
}

/** What is still called like the package, but for the user, which Debian keeps. */
async function leftovers(root: DebianRoot): Promise<string[]> {
  const folders = ['etc', 'usr/bin', 'usr/sbin', 'usr/lib', 'usr/share/doc', 'var/lib', 'var/log'];
  const found = await Promise.all(
    folders.map(async (name) =>
      (await readdir(root.path(name))).map((entry) => `${name}/${entry}`),
    ),
  );
  return found.flat().filter((path) => path.includes('dispatcher'));
}
