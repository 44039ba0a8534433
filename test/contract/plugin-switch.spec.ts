import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { type PluginFiles, PluginServer } from './plugin-server.js';

const CONTROL = join(import.meta.dirname, '../../dist/src/cli/dispatcherctl.js');

const plugin = (service: string, depends: readonly string[] = []): string => `
import { accepts, description, Plugin, Provider, provider, returns } from 'dispatcher';
@description('Says where it is') @provider('${service}')
export class One extends Provider { @accepts() @returns(String) where() { return '${service}'; } }
@Plugin({ depends: ${JSON.stringify(depends)}, providers: [One] })
export default class {}
`;
const FILES: PluginFiles = {
  'base/index.ts': plugin('base'),
  'middle/index.ts': plugin('middle', ['base']),
  'top/index.ts': plugin('top', ['middle']),
  'other/index.ts': plugin('other'),
};

interface Row {
  readonly name: string;
  readonly state: string;
  readonly error?: string;
}

async function states(client: PlainClient): Promise<Record<string, string>> {
  const rows = await client.result<Row[]>('management.get_plugins');
  return Object.fromEntries(rows.map(({ name, state }) => [name, state]));
}

function stateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dispatcher-switch-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const WITHOUT_BASE = { base: 'disabled', middle: 'skipped', other: 'loaded', top: 'skipped' };
const ALL = { base: 'loaded', middle: 'loaded', other: 'loaded', top: 'loaded' };
const settings = (stateDirectory: string) => ({
  stateDirectory,
  dispatcher: { 'shipped-plugins': false },
});

describe('management.disable_plugin', () => {
  it('takes a plugin away with those that depend on it, until it is enabled, over restarts', async () => {
    const folder = stateFolder();
    const first = await PluginServer.forThisTest(FILES, settings(folder));
    const client = await first.admin();
    expect(await client.result('management.disable_plugin', 'base')).toEqual(['middle', 'top']);
    expect(await states(client)).toEqual(WITHOUT_BASE);
    const gone = await client.call('base.where');
    expect(gone.args).toMatchObject({
      name: 'ENOENT',
      message: expect.stringMatching(/base is disabled, see management.enable_plugin/) as string,
    });
    const rows = await client.result<Row[]>('management.get_plugins');
    expect(rows.find(({ name }) => name === 'middle')?.error).toBe(
      'depends on base, which is disabled',
    );
    await first.stop();

    const second = await PluginServer.forThisTest(FILES, settings(folder));
    const later = await second.admin();
    expect(await states(later)).toEqual(WITHOUT_BASE);
    expect((await later.call('base.where')).args).toMatchObject({ name: 'ENOENT' });
    expect(await later.result('management.enable_plugin', 'base')).toEqual(['middle', 'top']);
    expect(await states(later)).toEqual(ALL);
    expect(await later.result('top.where')).toBe('top');
    await second.stop();

    const third = await PluginServer.forThisTest(FILES, settings(folder));
    expect(await states(await third.admin())).toEqual(ALL);
  }, 120_000);

  it('keeps it away from reloads, which are not refused for that', async () => {
    const server = await PluginServer.forThisTest(FILES, settings(stateFolder()));
    const client = await server.admin();
    await client.result('management.disable_plugin', 'base');
    expect(await client.result('management.disable_plugin', 'base')).toEqual([]);
    await client.result('management.reload_plugins');
    expect(await states(client)).toEqual(WITHOUT_BASE);
    expect((await client.call('management.reload_plugins', ['base'])).args).toMatchObject({
      name: 'EPERM',
      message: 'Plugin base is disabled: management.enable_plugin lets it run',
    });
    expect((await client.call('management.reload_plugins', ['top'])).args).toMatchObject({
      message: expect.stringContaining('top') as string,
    });
    await server.write({ 'other/index.ts': 'syntax error here' });
    expect((await client.call('management.reload_plugins')).args).toMatchObject({
      message: expect.stringMatching(/^Plugin other failed/) as string,
    });
    expect(await client.result('other.where')).toBe('other');
    await server.remove('base');
    await client.call('management.reload_plugins');
    expect((await client.call('management.enable_plugin', 'base')).args).toMatchObject({
      message: 'Plugin base not found',
    });
    await client.result('management.disable_plugin', 'base');
    await server.write({ 'base/index.ts': plugin('base') });
    await client.call('management.reload_plugins');
    expect((await states(client))['base']).toBe('disabled');
  }, 60_000);

  it('enables what does not run, and says so', async () => {
    const server = await PluginServer.forThisTest(FILES, settings(stateFolder()));
    const client = await server.admin();
    await client.result('management.disable_plugin', 'other');
    await server.write({ 'other/index.ts': 'syntax error here' });
    expect((await client.call('management.enable_plugin', 'other')).args).toMatchObject({
      message: expect.stringMatching(/^Plugin other failed/) as string,
    });
    expect((await states(client))['other']).toBe('failed');
    await server.write({ 'other/index.ts': plugin('other') });
    await client.result('management.reload_plugins', ['other']);
    expect(await client.result('other.where')).toBe('other');
  }, 60_000);

  it('is for admin, for names that are there, and for shipped plugins, too', async () => {
    const server = await PluginServer.forThisTest({}, { stateDirectory: stateFolder() });
    const client = await server.admin();
    for (const method of ['enable_plugin', 'disable_plugin']) {
      expect((await client.call(`management.${method}`, 'nowhere')).args).toMatchObject({
        name: 'ENOENT',
        message: 'Plugin nowhere not found',
      });
      expect((await client.call(`management.${method}`, '__proto__')).args).toMatchObject({
        name: 'ENOENT',
      });
    }
    await client.result('account.create', { username: 'op', roles: ['operator'] });
    const { key } = await client.result<{ key: string }>('account.create_api_key', {
      name: 'op',
      username: 'op',
    });
    const operator = await server.stranger();
    await operator.request('rpc', 'auth_token', { token: key });
    expect((await operator.call('management.disable_plugin', 'network')).args).toMatchObject({
      name: 'EACCES',
    });
    const control = (...words: string[]): string => {
      const args = [CONTROL, '--url', server.process.url, 'plugin', ...words];
      const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      return stdout + stderr;
    };
    expect(control('disable', 'network')).toBe('network is disabled\n');
    expect((await states(client))['network']).toBe('disabled');
    expect(control('enable', 'network')).toBe('network is enabled\n');
    expect((await states(client))['network']).toBe('loaded');
    expect(control('disable', 'nowhere')).toContain('Plugin nowhere not found');
    expect(control('disable')).toContain('NAME is missing');
  }, 60_000);

  it('that many at once end in what the last one says', async () => {
    const server = await PluginServer.forThisTest(FILES, settings(stateFolder()));
    const client = await server.admin();
    const calls = Array.from({ length: 21 }, (_, i) =>
      client.call(`management.${i % 2 === 0 ? 'disable' : 'enable'}_plugin`, 'other'),
    );
    for (const { name } of await Promise.all(calls)) expect(name).toBe('response');
    expect((await states(client))['other']).toBe('disabled');
  }, 60_000);
});
