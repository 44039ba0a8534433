import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { TaskClient } from '../contract/task-plugin.js';
import type { PlainClient } from '../support/plain-client.js';

const SECRET = 'correct horse battery staple';

/** Keeps logins, with their passwords, in a provider and in tasks of both kinds. */
const PLUGIN = `
import { accepts, type Filter, h, InjectSettings, Password, Plugin, Provider, provider, query, type QueryParams, returns, Settings, settings, Task, task } from 'dispatcher';
import { IsInstance, IsOptional } from 'class-validator';
const LOGIN = h.object({ id: h.string(), user: h.string(), password: h.nullable(h.password()) }, { additionalProperties: true });
@settings('vault') class VaultSettings { @IsOptional() @IsInstance(Password) pin?: Password | null; }
@provider('vault') export class Vault extends Provider {
  @query(LOGIN) query(filter: Filter = [], params: QueryParams = {}) { return this.datastore.query('logins', filter, params); }
  @accepts(String) @returns(String) async open(id: string) { return (await this.datastore.getById<any>('logins', id)).password.reveal().toUpperCase(); }
  @accepts(h.object({ id: h.string(), user: h.string(), password: h.password() })) @returns(LOGIN)
  put(row: any) { return this.datastore.upsert('logins', row.id, row); }
  @accepts(String, h.object({}, { additionalProperties: true })) @returns(LOGIN) patch(id: string, patch: any) { return this.datastore.update('logins', id, patch); }
}
class Copies extends Task { verify() { return []; }
  async run(from: string, to: string) {
    const row = await this.datastore.getById<any>('logins', from);
    const copy = await this.datastore.upsert<any>('logins', to, { ...row, id: to });
    return copy.password.reveal().length; } }
@task('vault.inline', { executor: 'inline' }) @accepts(String, String) @returns(h.any()) export class Inline extends Copies {}
@task('vault.isolated') @accepts(String, String) @returns(h.any()) export class Isolated extends Copies {}
@Plugin({ settings: [VaultSettings], providers: [Vault, Inline, Isolated] })
export default class { constructor(private store: Datastore) {} async init() { await this.store.requireCollection('logins', { key: 'given' }); } }
`.replace('import { accepts,', 'import { accepts, Datastore,');

describe('Passwords in rows', () => {
  const state = mkdtempSync(join(tmpdir(), 'passwords-'));
  let server: PluginServer;
  let admin: PlainClient;
  let service: PlainClient;

  const start = async (): Promise<void> => {
    server = await PluginServer.start({ 'vault.ts': PLUGIN }, { stateDirectory: state });
    admin = await server.admin();
  };

  beforeAll(async () => {
    await start();
    service = await server.service('daemon');
    const row = { id: 'a', user: 'ann', password: { $password: SECRET } };
    expect(await admin.result('vault.put', row)).toMatchObject({ password: '<hidden>' });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(state, { recursive: true, force: true });
  });

  it('are there for code, hidden from clients, sealed on the disk', async () => {
    expect(await admin.result('vault.open', 'a')).toBe(SECRET.toUpperCase());
    const shown = await admin.result('vault.query', [['id', '=', 'a']]);
    expect(shown).toMatchObject([{ user: 'ann', password: '<hidden>' }]);
    const asked = await admin.result('vault.query', [['password', '!=', null]], { count: true });
    expect(asked).toBe(1);
    const pieces = { select: ['password.dispatcher:sealed', 'password'] };
    expect(await admin.result('vault.query', [], pieces)).toEqual([[null, '<hidden>']]);
    const names = await readdir(state, { recursive: true });
    expect(names).toContain('datastore.db');
    for (const name of names) {
      const bytes = await readFile(join(state, name)).catch(() => Buffer.alloc(0));
      expect(bytes.includes(SECRET), name).toBe(false);
    }
  });

  it('are readable for a service that reads the rows, and for nobody who calls', async () => {
    const password = { $password: SECRET };
    expect(await service.result('datastore.query', 'logins')).toMatchObject([{ password }]);
    expect(await service.result('datastore.get_by_id', 'logins', 'a')).toMatchObject({ password });
    expect(await service.result('datastore.get_one', 'logins', [])).toMatchObject({ password });
    expect(await service.result('vault.query')).toMatchObject([{ password: '<hidden>' }]);
    await expect(admin.result('datastore.query', 'logins')).rejects.toThrow('"code":13');
  });

  it('of settings, too', async () => {
    await admin.result('settings.set', { 'vault.pin': '1234' });
    expect(await service.result('settings.get', 'vault.pin')).toEqual({
      'vault.pin': { $password: '1234' },
    });
    expect(await admin.result('settings.get', 'vault')).toEqual({});
  });

  it.each(['vault.inline', 'vault.isolated'])('are there for a task: %s', async (task) => {
    const done = await new TaskClient(admin).run(task, 'a', task);
    expect(done).toMatchObject({ state: 'FINISHED', result: SECRET.length });
    expect(await admin.result('vault.open', task)).toBe(SECRET.toUpperCase());
  });

  it('survive a restart; without their key they are listed, and told of when opened', async () => {
    await server.stop();
    await start();
    expect(await admin.result('vault.open', 'a')).toBe(SECRET.toUpperCase());
    await server.stop();
    rmSync(join(state, 'task-secrets.key'));
    await start();
    const [row] = await admin.result<object[]>('vault.query', [['id', '=', 'a']]);
    expect(row).toMatchObject({ user: 'ann', password: '<hidden>' });
    await expect(admin.result('vault.open', 'a')).rejects.toThrow(
      /stored password cannot be read: .*another key/,
    );
    await admin.result('vault.patch', 'a', { user: 'anna' });
    await admin.result('vault.put', { id: 'a', user: 'ann', password: { $password: 'new' } });
    expect(await admin.result('vault.open', 'a')).toBe('NEW');
  });
});
