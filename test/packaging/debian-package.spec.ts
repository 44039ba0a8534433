import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificate.js';
import { buildPackage, firstLine } from '../support/debian-package.js';
import { DebianRoot } from '../support/debian-root.js';
import { freePort } from '../support/free-port.js';
import { PlainClient } from '../support/plain-client.js';
import { Rsyslog } from '../support/rsyslog.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CONFIGURATION = 'etc/dispatcher/middleware.conf';
const COMPLETIONS = [
  ['bash', 'usr/share/bash-completion/completions/dispatcherctl'],
  ['zsh', 'usr/share/zsh/vendor-completions/_dispatcherctl'],
  ['fish', 'usr/share/fish/vendor_completions.d/dispatcherctl.fish'],
] as const;
const obstacle = DebianRoot.obstacle() ?? (Rsyslog.isInstalled ? null : 'there is no rsyslog');
const hasLintian = spawnSync('which', ['lintian']).status === 0;

let folder: string;
let deb: string;

beforeAll(async () => {
  if (obstacle !== null) return;
  folder = await mkdtemp(join(tmpdir(), 'dispatcher-package-'));
  deb = buildPackage(folder);
}, 300_000);
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
    let syslog: Rsyslog | null = null;
    try {
      await root.installNode();
      await root.install(deb);
      expect(root.run(['dispatcher', '--version']).trim()).toBe(versionOfPackage());
      expect((await stat(root.path(CONFIGURATION))).mode & 0o777).toBe(0o644);
      expect(root.run(['dispatcherctl', 'check-config']).trim()).toBe(`/${CONFIGURATION} is valid`);
      for (const [shell, path] of COMPLETIONS) {
        const script = await readFile(root.path(path), 'utf8');
        expect(root.run(['dispatcherctl', 'completion', shell])).toBe(script);
      }
      const manual = gunzipSync(await readFile(root.path('usr/share/man/man1/dispatcherctl.1.gz')));
      expect(manual.toString()).toContain('.B submit TASK [ARG...]');
      expect(manual.toString()).toContain('.B sh [FILE]');
      expect(root.run(['dispatcher-cli', '--help'])).toContain('Usage: dispatcher-cli');

      syslog = await Rsyslog.start(folder, root.path('dev/log'));
      const port = await configure(root);
      const { certificate } = await makeCertificate(folder);
      await installCertificate(root);
      server = await root.startUnit('dispatcher.service');
      const ready = await firstLine(server);
      expect(ready).toContain(`wss://127.0.0.1:${port}`);
      expect(await ownerOf(server)).toBe(root.run(['id', '-u', 'dispatcher']).trim());

      await newcomer(root, { port, certificate });
      expect(await syslog.line('There are no users')).toMatch(
        new RegExp(`^daemon\\.warning dispatcher\\[${server.pid}\\]: *\\{"level":"warn"`),
      );

      await files(root);

      root.run(['sh', '-c', await guided(' dump ')]);
      const exited = once(server, 'exit');
      server.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
      root.run(['sh', '-c', await guided(' restore ')]);
      root.run(['dpkg', '-r', 'dispatcher']);
      expect(existsSync(root.path('usr/lib/dispatcher'))).toBe(false);
      expect(existsSync(root.path(CONFIGURATION))).toBe(true);
      expect(existsSync(root.path('var/lib/dispatcher/datastore.db'))).toBe(true);

      await rm(root.path('etc/dispatcher/tls'), { recursive: true });
      root.run(['dpkg', '-P', 'dispatcher']);
      expect(await leftovers(root)).toEqual([]);
    } finally {
      server?.kill('SIGKILL');
      await syslog?.stop();
      await root.remove();
    }
  }, 600_000); // half a minute, where nothing else runs
});

function versionOfPackage(): string {
  const [, version = ''] = /dispatcher_(.*)-1_/.exec(deb) ?? [];
  return version;
}

/** What the operating guide says about TLS and the log, on a port that nobody else on this machine has. */
async function configure(root: DebianRoot): Promise<number> {
  const port = await freePort();
  const document = JSON.parse(await readFile(root.path(CONFIGURATION), 'utf8')) as {
    dispatcher: Record<string, unknown>;
  };
  Object.assign(document.dispatcher, {
    'websocket-port': port,
    'frontend-port': 0,
    logging: 'syslog',
    tls: true,
    'tls-certificate': 'tls/certificate.pem',
    'tls-keyfile': 'tls/key.pem',
  });
  await writeFile(root.path(CONFIGURATION), JSON.stringify(document));
  return port;
}

async function installCertificate(root: DebianRoot): Promise<void> {
  for (const name of ['certificate.pem', 'key.pem']) {
    await copyFile(join(folder, name), root.path(`root/${name}`));
  }
  for (const what of ['install -d', 'install -o']) {
    root.run(['sh', '-c', `cd /root && ${await guided(what)}`]);
  }
  const check = (await guided('--check-config')).split(' && ')[0] ?? '';
  expect(root.run(['sh', '-c', check])).toContain('is valid');
}

/** The line of the operating guide that has these words, as its reader would type it. */
async function guided(words: string): Promise<string> {
  const guide = await readFile(join(ROOT, 'docs/operations.md'), 'utf8');
  const blocks = Array.from(guide.matchAll(/```sh\n([\s\S]*?)```/g), ([, text = '']) => text);
  const line = blocks.flatMap((text) => text.split('\n')).find((text) => text.includes(words));
  if (line === undefined) throw new Error(`The guide has no command with ${words}`);
  return line;
}

/** Makes a user as root on the machine, who then logs in with a password over TLS. */
async function newcomer(
  root: DebianRoot,
  { port, certificate }: { readonly port: number; readonly certificate: string },
): Promise<void> {
  root.run(['sh', '-c', `SECRET='correct horse'; ${await guided('user add')}`]);
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

/** dispatcher-etcd beside the server: at first it changes nothing, then what its settings turn on. */
async function files(root: DebianRoot): Promise<void> {
  const before = root.digest('/etc');
  const etcd = await root.startUnit('dispatcher-etcd.service');
  try {
    expect(await firstLine(etcd)).toMatch(/^dispatcher-etcd \S+ is ready: root \/etc, \d+ files/);
    expect(await ownerOf(etcd)).toBe('0');
    expect(root.digest('/etc')).toBe(before);
    const settings = { 'etc.motd': true, 'etc.motd_text': 'Welcome to this machine' };
    const config = ['-c', `/${CONFIGURATION}`];
    expect(JSON.parse(root.run(['dispatcher-etcd', 'plan', '--json', ...config]))).toMatchObject({
      actions: [],
    });
    root.run(['dispatcherctl', 'call', 'settings.set', JSON.stringify([settings])]);
    root.run(['dispatcher-etcd', 'generate', 'motd', ...config]);
    expect(await readFile(root.path('etc/motd'), 'utf8')).toContain('Welcome to this machine\n');
    expect(root.digest('/etc')).not.toBe(before);
    const exited = once(etcd, 'exit');
    etcd.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  } finally {
    etcd.kill('SIGKILL');
  }
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
