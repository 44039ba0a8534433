import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { TaskClient } from '../contract/task-plugin.js';
import type { PlainClient } from '../support/plain-client.js';

const run = promisify(execFile);
const CONTROL = join(import.meta.dirname, '../../dist/src/cli/dispatcherctl.js');

/** A plugin whose settings are read by a provider, and by tasks inline and in a process of their own. */
const plugin = (more = '', setting = '@IsInt() @Min(1) @Max(65535) port = 25;'): string => `
import { accepts, description, h, InjectSettings, Password, Plugin, Provider, provider, returns, Settings, settings, Task, task } from 'dispatcher';
import { IsArray, IsInstance, IsInt, IsOptional, IsString, Max, Min, MinLength, ValidateBy } from 'class-validator';
const ordered = ValidateBy({ name: 'ordered', validator: {
  validate: (most: number, { object }: any) => object.least <= most, defaultMessage: () => 'must not be below least' } });
@settings('mail') @description('How mail leaves')
export class MailSettings {
  @description('Where it is handed in') @IsString() @MinLength(1) server = 'localhost';
  ${setting}
  @IsOptional() @IsInstance(Password) password?: Password | null;
  @IsInt() least = 1;
  @IsInt() @ordered most = 10;
  ${more}
}
@provider('mail') export class Mail extends Provider {
  seen: any[] = [];
  constructor(@InjectSettings(MailSettings) readonly settings: Settings<MailSettings>) { super(); this.follow(); }
  async follow() { for await (const value of this.settings.changes()) this.seen.push(value); }
  @accepts() @returns(h.any()) now() { const { password, ...rest } = this.settings.value as any; return { ...rest, secret: password?.reveal() ?? null }; }
  @accepts() @returns(h.any()) last() { return this.seen.at(-1)?.port ?? null; }
  @accepts(String, h.any()) @returns(null) async write(key: string, value: unknown) { await this.configstore.set(key, value); return null; }
}
class Reads extends Task {
  constructor(@InjectSettings(MailSettings) readonly settings: Settings<MailSettings>) { super(); }
  verify() { return []; }
  run() { return [this.settings.value.port, this.settings.value.password?.reveal() ?? null]; }
}
@task('mail.inline', { executor: 'inline' }) @accepts() @returns(h.any()) export class Inline extends Reads {
  constructor(@InjectSettings(MailSettings) settings: Settings<MailSettings>) { super(settings); } }
@task('mail.isolated') @accepts() @returns(h.any()) export class Isolated extends Reads {
  constructor(@InjectSettings(MailSettings) settings: Settings<MailSettings>) { super(settings); } }
@task('mail.await') @accepts() @returns(h.any()) export class Await extends Task {
  @InjectSettings(MailSettings) readonly settings!: Settings<MailSettings>;
  verify() { return []; }
  async run() { this.setProgress(1, 'listening'); for await (const { port } of this.settings.changes(this.signal)) return port; }
}
@Plugin({ settings: [MailSettings], providers: [Mail, Inline, Isolated, Await] }) export default class {}
`;

const SECRET = 'correct horse battery';
let server: PluginServer;
let admin: PlainClient;

beforeAll(async () => {
  server = await PluginServer.start({ 'mail.ts': plugin() });
  const client = await server.admin();
  const password = { $password: 'reading is fun' };
  await client.result('account.create', { username: 'rita', password, roles: ['reader'] });
});
afterAll(() => server.stop());
afterEach(async () => {
  admin = await server.admin();
  const keys = ['server', 'port', 'password', 'least', 'most'].map((name) => `mail.${name}`);
  await admin.result('settings.reset', keys);
  await server.closeClients();
});

const values = (client: PlainClient) =>
  client.result<Record<string, unknown>>('settings.get', 'mail');

describe('settings', () => {
  it('are described with schema, default and who may, and have their defaults', async () => {
    admin = await server.admin();
    const rows = await admin.result<Record<string, unknown>[]>('settings.describe');
    expect(rows.find(({ key }) => key === 'mail.port')).toEqual({
      ...{ key: 'mail.port', plugin: 'mail', group: 'How mail leaves', description: null },
      schema: { type: 'integer', minimum: 1, maximum: 65535 },
      ...{ default: 25, secret: false, is_set: false, problem: null },
      ...{ read_by: 'reader', changed_by: 'admin' },
    });
    const shipped = [
      'files.roots',
      'files.watch',
      'system.execute.allowed',
      'system.load.interval',
    ];
    expect(rows.map(({ key }) => key)).toEqual(expect.arrayContaining(shipped));
    expect(await values(admin)).toEqual({
      ...{ 'mail.server': 'localhost', 'mail.port': 25, 'mail.least': 1, 'mail.most': 10 },
    });
    expect(await admin.result('settings.get', 'mail.port')).toEqual({ 'mail.port': 25 });
  });

  it('hold where they are read as soon as they are set: provider, inline, isolated', async () => {
    admin = await server.admin();
    const tasks = await new TaskClient(admin).subscribe('task.*');
    for (const port of [26, 27]) {
      await admin.result('settings.set', { 'mail.port': port, 'mail.server': 'a' });
      expect(await admin.result('mail.now')).toMatchObject({ port, server: 'a' });
      expect(await admin.result('mail.last')).toBe(port);
      for (const task of ['mail.inline', 'mail.isolated']) {
        expect(await tasks.run(task), task).toMatchObject({ result: [port, null] });
      }
    }
  }, 60_000);

  it('are followed by a task in a process of its own', async () => {
    admin = await server.admin();
    const tasks = await new TaskClient(admin).subscribe('task.*');
    const id = await tasks.submit('mail.await');
    await expect
      .poll(() => admin.result<{ progress: { message: string } }>('task.status', id), {
        timeout: 30_000,
      })
      .toMatchObject({ progress: { message: 'listening' } });
    await admin.result('settings.set', { 'mail.port': 99 });
    expect(await tasks.wait(id)).toMatchObject({ state: 'FINISHED', result: 99 });
  }, 60_000);

  it('keep a password from everybody but the plugin and services, over a restart', async () => {
    admin = await server.admin();
    admin.send('events', 'subscribe', null, ['settings.changed']);
    await admin.settled();
    await admin.result('settings.set', { 'mail.password': SECRET });
    expect(await admin.result('mail.now')).toMatchObject({ secret: SECRET });
    expect(await new TaskClient(admin).run('mail.isolated')).toMatchObject({
      result: [25, SECRET],
    });
    const said = [await admin.result('settings.get'), await admin.result('settings.describe')];
    expect(said[0]).not.toHaveProperty('mail.password');
    expect(said[1]).toContainEqual(
      expect.objectContaining({ key: 'mail.password', secret: true, is_set: true, default: null }),
    );
    const told = admin.received.filter(({ name }) => name === 'event');
    expect(told.map(({ args }) => (args as { args: object }).args)).toContainEqual(
      expect.objectContaining({ keys: ['mail.password'] }),
    );
    expect(JSON.stringify([said, told])).not.toContain(SECRET);
    expect(JSON.stringify(await admin.result('log.recent'))).not.toContain(SECRET);
    const service = await server.service('daemon');
    const value = { $password: SECRET };
    expect(await service.result('settings.get', 'mail.password')).toEqual({
      'mail.password': value,
    });
    expect(await service.result('datastore.get_by_id', 'config', 'mail.password')).toMatchObject({
      value,
    });
  }, 60_000);

  it.each<[string, object, number, string]>([
    ['a wrong type', { 'mail.port': 'x' }, 22, 'Setting mail.port'],
    ['a value past its bound', { 'mail.port': 70_000 }, 22, 'Setting mail.port'],
    ['one of two', { 'mail.server': 'b', 'mail.port': 0 }, 22, 'Setting mail.port'],
    ['what does not go together', { 'mail.most': 0 }, 22, 'must not be below least'],
    ['an unknown key', { 'mail.prot': 1 }, 2, 'did you mean "mail.port"?'],
    ['an unknown key beside a good one', { 'mail.port': 1, 'mail.x': 1 }, 2, 'mail.x'],
    ['a key of the prototype', JSON.parse('{"__proto__": {"x": 1}}') as object, 2, '__proto__'],
    [
      'a property of the prototype',
      { 'constructor.x': 1, 'mail.constructor': 1 },
      2,
      'constructor.x',
    ],
    ['a huge value', { 'mail.server': 'x'.repeat(70_000) }, 22, '65536 is the most'],
    [
      'a deep value',
      { 'mail.server': JSON.parse('['.repeat(900) + ']'.repeat(900)) as unknown },
      22,
      'mail.server',
    ],
    ['a huge key', { [`mail.${'x'.repeat(10_000)}`]: 1 }, 2, 'mail.xxx'],
    ['null', { 'mail.port': null }, 22, 'Setting mail.port'],
  ])('refuse %s, and nothing is changed', async (_, change, code, message) => {
    admin = await server.admin();
    const before = await values(admin);
    const { name, args } = await admin.call('settings.set', change);
    expect({ name, args }).toMatchObject({ name: 'error', args: { code } });
    expect((args as { message: string }).message).toContain(message);
    expect(await values(admin)).toEqual(before);
  });

  it('judge what a plugin writes into the store of the configuration itself', async () => {
    admin = await server.admin();
    const refused = await admin.call('mail.write', 'mail.port', 'x');
    expect(refused).toMatchObject({ name: 'error', args: { code: 22 } });
    await admin.result('mail.write', 'mail.port', 33);
    expect(await values(admin)).toMatchObject({ 'mail.port': 33 });
    await admin.result('mail.write', 'other.key', 'anything');
  });

  it('are read by a reader, who changes none and is told of changes', async () => {
    admin = await server.admin();
    const rita = await server.stranger();
    await rita.request('rpc', 'auth', { username: 'rita', password: 'reading is fun' });
    rita.send('events', 'subscribe', null, ['settings.changed']);
    await rita.settled();
    expect(await values(rita)).toMatchObject({ 'mail.port': 25 });
    for (const call of [
      ['settings.set', { 'mail.port': 1 }],
      ['settings.reset', ['mail.port']],
    ] as const) {
      expect(await rita.call(call[0], call[1])).toMatchObject({
        name: 'error',
        args: { code: 13 },
      });
    }
    await admin.result('settings.set', { 'mail.port': 34 });
    await admin.result('mail.write', 'other.key', 'not for her');
    await rita.settled();
    const told = rita.received.filter(({ name }) => name === 'event');
    expect(told.map(({ args }) => (args as { args: { keys: unknown } }).args.keys)).toEqual([
      ['mail.port'],
    ]);
  });

  it('are worked on by dispatcherctl', async () => {
    const control = (...words: string[]) =>
      run(process.execPath, [CONTROL, '--url', server.process.url, 'settings', ...words]);
    await control('set', 'mail.port=465', 'mail.server=mail.example.org');
    const { stdout } = await control('get', 'mail.port');
    expect(JSON.parse(stdout)).toEqual({ 'mail.port': 465 });
    await control('reset', 'mail.port');
    expect(JSON.parse((await control('get', 'mail')).stdout)).toMatchObject({
      ...{ 'mail.port': 25, 'mail.server': 'mail.example.org' },
    });
    expect((await control('describe', 'mail.port')).stdout).toContain('"maximum": 65535');
    await expect(control('set', 'mail.port')).rejects.toThrow('KEY=VALUE');
    await expect(control('set', 'mail.port=many')).rejects.toThrow('EINVAL: Setting mail.port');
    await expect(control('get', 'mial')).rejects.toThrow('did you mean "mail"?');
  }, 30_000);

  it('outlive a change of their class: what fits stays, what does not is told and kept', async () => {
    const own = await PluginServer.forThisTest({ 'mail.ts': plugin() });
    const client = await own.admin();
    await client.result('settings.set', { 'mail.port': 6_000, 'mail.server': 'kept' });
    await own.write({
      'mail.ts': plugin('@IsString() from = "me";', '@IsInt() @Max(1000) port = 7;'),
    });
    await client.result('management.reload_plugins', ['mail']);
    expect(await values(client)).toMatchObject({
      ...{ 'mail.port': 7, 'mail.server': 'kept', 'mail.from': 'me' },
    });
    const rows =
      await client.result<{ name: string; settings?: string[] }[]>('management.get_plugins');
    expect(rows.find(({ name }) => name === 'mail')?.settings).toEqual([
      expect.stringMatching(
        /^The stored value of setting mail\.port does not fit: .* its default is used/,
      ),
    ]);
    await client.result('settings.set', { 'mail.server': 'other' });
    await own.write({ 'mail.ts': plugin() });
    await client.result('management.reload_plugins', ['mail']);
    expect(await values(client)).toMatchObject({ 'mail.port': 6_000, 'mail.server': 'other' });
    await own.remove('mail.ts');
    await client.result('management.reload_plugins');
    expect(await client.call('settings.get', 'mail')).toMatchObject({ args: { code: 2 } });
    await own.write({ 'mail.ts': plugin() });
    await client.result('management.reload_plugins');
    expect(await values(client)).toMatchObject({ 'mail.port': 6_000, 'mail.server': 'other' });
  }, 60_000);

  it('belong to the plugin that declares them first; another is refused with both names', async () => {
    const thief = plugin()
      .replaceAll("'mail.", "'thief.")
      .replace("@provider('mail')", "@provider('thief')");
    const own = await PluginServer.forThisTest({ 'mail.ts': plugin(), 'thief.ts': thief });
    const client = await own.admin();
    const rows =
      await client.result<{ name: string; state: string; error?: string }[]>(
        'management.get_plugins',
      );
    expect(rows.find(({ name }) => name === 'thief')).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(
        /Setting mail\.server is declared by plugin mail already: plugin thief/,
      ) as string,
    });
    expect(await client.result('mail.now')).toMatchObject({ port: 25 });
  }, 60_000);
});
