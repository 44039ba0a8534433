import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const PLUGIN = `
import { accepts, description, deprecated, generator, h, Plugin, Provider, private as internal, provider, requireRoles,
         returns, task, Task } from 'dispatcher';
import { IsString, IsInt, IsOptional } from 'class-validator';

export class Book { @IsString() title!: string; @IsInt() @IsOptional() year?: number; }

@description('Books') @provider('book')
export class BookProvider extends Provider {
  @description('Finds a book') @accepts(String, h.optional(h.integer())) @returns(h.nullable(Book))
  find(title: string, year?: number): Book | null { return { title, year: year ?? 1 }; }
  @description('Old') @deprecated('use find') bare() {}
  @description('Hidden') @accepts() @returns(null) @internal() hidden() { return null; }
}
@description('Writes a book') @task('book.write') @accepts(Book) @returns(Number)
export class WriteTask extends Task { verify() { return []; } run() { return 1; } }
@description('Secret work') @task('book.secret') @internal() @accepts()
export class SecretTask extends Task { verify() { return []; } run() {} abort() { return true; } }
@Plugin({ metadata: { type: 'books', deep: { a: [1] } }, schemas: [Book], providers: [BookProvider, WriteTask, SecretTask] })
export default class {}
`;

let server: PluginServer;
let client: PlainClient;

beforeAll(async () => {
  server = await PluginServer.start({ 'books/index.ts': PLUGIN });
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

const connect = async () => (client = await server.admin());

interface Method {
  readonly name: string;
  readonly 'params-schema'?: { readonly type: string; readonly items: readonly object[] };
  readonly 'result-schema'?: object;
}

describe('discovery', () => {
  it('lists services by name, built-in ones included', async () => {
    await connect();
    const services = await client.result<string[]>('discovery.get_services');
    expect(services).toEqual(expect.arrayContaining(['book', 'discovery', 'management']));
    expect(new Set(services).size).toBe(services.length);
  });

  it('describes the methods of a service in the shape of the original', async () => {
    await connect();
    const methods = await client.result<Method[]>('discovery.get_methods', 'book');
    expect(methods.map(({ name }) => name).sort()).toEqual(['bare', 'find', 'hidden']);
    const find = methods.find(({ name }) => name === 'find');
    expect(find).toMatchObject({ description: 'Finds a book', private: false });
    expect(find?.['params-schema']).toMatchObject({
      type: 'array',
      items: [{ type: 'string' }, { type: 'integer' }],
    });
    expect(JSON.stringify(find?.['result-schema'])).toContain('#/definitions/Book');
    expect(methods.find(({ name }) => name === 'hidden')).toMatchObject({ private: true });
    expect((await client.call('discovery.get_methods', 'nowhere')).args).toMatchObject({ code: 2 });
  });

  it('describes every method of the built-in services with schemas for arguments and result', async () => {
    await connect();
    for (const service of ['discovery', 'management']) {
      const methods = await client.result<Method[]>('discovery.get_methods', service);
      const bare = methods.filter((method) => !method['params-schema'] || !method['result-schema']);
      expect(bare).toEqual([]);
    }
  });

  it('describes tasks in the shape of the original', async () => {
    await connect();
    expect(await client.result('discovery.get_tasks')).toMatchObject({
      'book.write': {
        description: 'Writes a book',
        schema: [{ $ref: '#/definitions/Book' }],
        abortable: false,
        private: false,
        metadata: {},
      },
      'book.secret': { schema: [], abortable: true, private: true },
    });
  });

  it('gives one schema document with all definitions, and a hash that outlives a restart', async () => {
    await connect();
    const document = await client.result('discovery.get_schema');
    expect(document).toMatchObject({
      $schema: expect.any(String) as unknown,
      definitions: {
        Book: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
      },
    });
    const hash = await client.result('discovery.get_schema_hash');
    const other = await PluginServer.start({ 'books/index.ts': PLUGIN });
    const admin = await other.admin();
    expect(await admin.result('discovery.get_schema_hash')).toBe(hash);
    await other.stop();
  });
});

describe('management', () => {
  it('lists the plugins in the shape of the contract', async () => {
    await connect();
    const rows = await client.result<{ name: string }[]>('management.get_plugins');
    const row = rows.find(({ name }) => name === 'books');
    expect(row).toEqual({
      name: 'books',
      directory: expect.stringMatching(/^\/.*books$/) as unknown,
      state: 'loaded',
      depends: [],
      metadata: { type: 'books', deep: { a: [1] } },
    });
    expect(await client.result('management.get_plugin_names')).toEqual(
      rows.map(({ name }) => name),
    );
  });

  it('tells who is connected, with the resource that was named at login', async () => {
    await connect();
    await client.request('rpc', 'auth', { username: 'root', password: '', resource: 'test bench' });
    const stranger = await server.stranger();
    const address = await stranger.result('management.get_sender_address');
    const rows = await client.result<object[]>('management.get_connected_clients');
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ user: 'root', resource: 'test bench' });
    expect(rows[1]).toMatchObject({ user: null, resource: null, address });
    expect(await client.result('management.status')).toMatchObject({ 'connected-clients': 2 });
  });

  it('waits until it is ready, and is', async () => {
    await connect();
    expect(await client.result('management.wait_ready')).toBe(true);
  });

  it('changes the logging level, and refuses one that is none', async () => {
    await connect();
    const before = await client.result('management.get_logging_level');
    expect(await client.result('management.set_logging_level', 'error')).toBeNull();
    expect(await client.result('management.get_logging_level')).toBe('error');
    expect((await client.call('management.set_logging_level', 'loud')).args).toMatchObject({
      code: 22,
    });
    await client.result('management.set_logging_level', before);
  });

  it('enables features of one connection, all of the named ones or none', async () => {
    await connect();
    const other = await server.admin();
    const all = ['event_bursts', 'streaming_responses', 'strict_validation'];
    expect((await client.result<string[]>('management.get_available_features')).sort()).toEqual(
      all,
    );
    const wrong = await client.call('management.enable_features', [
      'strict_validation',
      'telepathy',
    ]);
    expect(wrong.args).toEqual({ code: 22, name: 'EINVAL', message: 'Invalid feature telepathy' });
    expect(await client.result('management.get_enabled_features')).toEqual([]);
    await client.result('management.enable_features', ['strict_validation', 'strict_validation']);
    await client.result('management.enable_features', []);
    expect(await client.result('management.get_enabled_features')).toEqual(['strict_validation']);
    expect(await other.result('management.get_enabled_features')).toEqual([]);
  });
});

describe('kick_session', () => {
  it('says logout with a reason, then closes, and nobody else notices', async () => {
    await connect();
    const victim = await server.stranger();
    const login = { username: 'root', password: '', resource: 'victim' };
    await victim.request('rpc', 'auth', login);
    const rows = await client.result<{ session_id: number; resource: string }[]>(
      'management.get_connected_clients',
    );
    const { session_id: session } = rows.find(({ resource }) => resource === 'victim')!;
    expect(await client.result('management.kick_session', session)).toBeNull();
    await victim.closed;
    expect(victim.received.at(-1)).toEqual({
      namespace: 'events',
      name: 'logout',
      id: null,
      args: { reason: 'Kicked out by root' },
    });
    const again = async () => (await client.call('management.kick_session', session)).args;
    await expect.poll(again).toEqual({
      code: 2,
      name: 'ENOENT',
      message: `Session ${session} not found`,
    });
    expect(await client.result('management.ping')).toBe('pong');
  });
});
