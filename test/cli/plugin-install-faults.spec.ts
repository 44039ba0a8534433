import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';
import { FakeRegistry } from './registry.harness.js';

const COMMAND = fileURLToPath(new URL('../../dist/src/cli/dispatcherctl.js', import.meta.url));
let folder: string;
let plugins: string;
let registry: FakeRegistry;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'install-faults-'));
  plugins = join(folder, 'plugins');
  registry = await FakeRegistry.start();
});
afterEach(() => {
  registry.stop();
  rmSync(folder, { recursive: true });
});

const start = (words: readonly string[]) =>
  spawn(process.execPath, [COMMAND, 'plugin', ...words, '--dir', plugins], {
    cwd: folder,
    env: { ...process.env, ...registry.env },
    detached: true,
  });

async function run(...words: string[]): Promise<{ status: number; said: string }> {
  const child = start(words);
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = (await once(child, 'close')) as [number];
  return { status, said: (await said).join('') };
}

/** A plugin whose only method tells its version, from two of its files and a package that it needs. */
function share(version: string, more: Readonly<Record<string, unknown>> = {}, host = '*') {
  const index = `
    import { accepts, description, Plugin, Provider, provider, returns } from 'dispatcher';
    import { version } from './version.js';
    import { word } from 'word';
    @description('Tells its version') @provider('share')
    export class Share extends Provider {
      @accepts() @returns(String) version() { return '${version} ' + version + ' ' + word; }
    }
    @Plugin({ version: '${version}', host: '${host}', providers: [Share] }) export default class {}`;
  const filler = Array.from({ length: 60 }, (_, i) => [`filler/${i}.txt`, 'x'.repeat(10_000)]);
  return {
    manifest: { name: '@acme/share', version, dependencies: { word: '^1.0.0' }, ...more },
    files: {
      'index.ts': index,
      'version.js': `export const version = '${version}';`,
      ...(Object.fromEntries(filler) as Record<string, string>),
    },
  };
}

function publishWord(scripts: Readonly<Record<string, string>> = {}): void {
  registry.publish({
    manifest: { name: 'word', version: '1.0.0', type: 'module', main: 'index.js', scripts },
    files: { 'index.js': `export const word = 'hello';` },
  });
}

const installed = (): string => readFileSync(join(plugins, 'share/version.js'), 'utf8');

async function served(): Promise<{ client: PlainClient; server: ServerProcess }> {
  const dispatcher = { 'shipped-plugins': false, frontend: false, 'plugin-dirs': [plugins] };
  const server = await ServerProcess.start({ dispatcher });
  onTestFinished(async () => {
    await server.stop();
  });
  return { client: await PlainClient.loggedIn(server.url), server };
}

describe('plugin install by name', () => {
  it('fetches what it needs at run time, runs no script, and the server loads it', async () => {
    const trace = join(folder, 'was-run');
    publishWord({ install: `touch ${trace}`, postinstall: `touch ${trace}` });
    registry.publish(
      share('1.0.0', {
        devDependencies: { nowhere: '^9.0.0' },
        peerDependencies: { dispatcher: '*' },
        scripts: { prepare: `touch ${trace}`, postinstall: `touch ${trace}` },
      }),
    );
    expect(await run('install', '@acme/share')).toEqual({
      status: 0,
      said: 'share 1.0.0 is installed\n',
    });
    expect(existsSync(trace)).toBe(false);
    expect(existsSync(join(plugins, 'share/node_modules/dispatcher'))).toBe(false);
    const { client } = await served();
    expect(await client.result('share.version')).toBe('1.0.0 1.0.0 hello');
    await client.close();
    registry.publish(share('1.1.0'));
    expect((await run('install', '@acme/share', '--allow-scripts')).status).toBe(0);
    expect(existsSync(trace)).toBe(true);
  }, 120_000);

  it('changes nothing when something is not to be had, does not fit, or is not what it was', async () => {
    publishWord();
    registry.publish(share('1.0.0'));
    expect((await run('install', '@acme/share')).status).toBe(0);
    const refusals: [string, Readonly<Record<string, unknown>>, RegExp][] = [
      ['2.0.0', { dependencies: { missing: '1' } }, /npm .*missing/s],
      ['2.1.0', { peerDependencies: { dispatcher: '^99.0.0' } }, /is for dispatcher \^99\.0\.0/],
      ['2.2.0', { engines: { node: '>=99' } }, /needs Node\.js >=99/],
      ['../../2.3.0', {}, /./],
    ];
    registry.publishArchive(share('2.4.0').manifest, Buffer.from('no archive'));
    for (const [version, more] of refusals) registry.publish(share(version, more));
    for (const [version, , reason] of [...refusals, ['2.4.0', {}, /./] as const]) {
      const { status, said } = await run('install', `@acme/share@${version}`);
      expect(status).not.toBe(0);
      expect(said).toMatch(reason);
      expect(installed()).toContain('1.0.0');
      expect(readdirSync(join(plugins, '.installed'))).toEqual(['share']);
    }
    const { status, said } = await run('install', 'nowhere-at-all');
    expect([status, said]).toEqual([1, expect.stringMatching(/404/)]);
  }, 120_000);

  it('leaves it to the server whether the host fits, which goes on with what it has', async () => {
    publishWord();
    registry.publish(share('1.0.0'));
    expect((await run('install', '@acme/share')).status).toBe(0);
    const { client } = await served();
    registry.publish(share('2.0.0', {}, '^99.0.0'));
    expect((await run('install', '@acme/share')).status).toBe(0);
    const reply = await client.call('management.reload_plugins', ['share']);
    expect(JSON.stringify(reply.args)).toMatch(/\^99\.0\.0/);
    expect(await client.result('share.version')).toBe('1.0.0 1.0.0 hello');
    expect((await run('rollback', 'share')).status).toBe(0);
    await client.result('management.reload_plugins', ['share']);
    await client.close();
  }, 120_000);
});

describe('plugin install while the power goes', () => {
  it('leaves the old version or the new one, whole, and the next one finds its way', async () => {
    publishWord();
    registry.publish(share('1.0.0'));
    const began = performance.now();
    expect((await run('install', '@acme/share')).status).toBe(0);
    const tookMs = performance.now() - began;
    const seen = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const version = `1.0.${round + 1}`;
      registry.publish(share(version));
      const child = start(['install', '@acme/share']);
      child.stdout.resume();
      child.stderr.resume();
      const closed = once(child, 'close');
      // the second half is where anything is written
      await delay(tookMs * (0.4 + 0.6 * Math.random()));
      killGroup(child.pid!);
      await closed;
      const [, present = ''] = /'(.*)'/.exec(installed()) ?? [];
      expect(readFileSync(join(plugins, 'share/index.ts'), 'utf8')).toContain(`'${present} '`);
      expect(readdirSync(join(plugins, 'share/filler'))).toHaveLength(60);
      expect(existsSync(join(plugins, 'share/node_modules/word/index.js'))).toBe(true);
      seen.add(present);
    }
    const { client } = await served();
    const [present] = (await client.result<string>('share.version')).split(' ');
    expect(seen).toContain(present);
    registry.publish(share('3.0.0'));
    expect((await run('install', '@acme/share')).status).toBe(0);
    await client.result('management.reload_plugins', ['share']);
    expect(await client.result('share.version')).toBe('3.0.0 3.0.0 hello');
    await client.close();
    expect(readdirSync(join(plugins, '.installed'))).toEqual(['share']);
    expect(readdirSync(join(plugins, '.installed/share')).length).toBeLessThanOrEqual(3);
  }, 240_000);
});

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it was done already
  }
}
