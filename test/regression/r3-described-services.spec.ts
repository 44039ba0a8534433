import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  callsTo,
  codeOf,
  newServiceName,
  nthCall,
  reply,
} from '../contract/external-service.client.js';
import { PluginServer } from '../contract/plugin-server.js';
import { PlainClient, type WireErrorArgs, type WireFrame } from '../support/plain-client.js';

/** Calls whatever it is told to, from a provider and from a task, and writes rows and settings. */
const PLUGIN = `
import { accepts, h, Plugin, Provider, provider, returns, Task, task } from 'dispatcher';
@provider('caller') export class CallerProvider extends Provider {
  @accepts(String, h.array(h.any())) @returns(h.any()) call(method, args) { return this.dispatcher.callSync(method, ...args); }
  @accepts() @returns(null) async write() {
    await this.datastore.requireCollection('disks', { key: 'given' });
    await this.datastore.insert('disks', { id: 'da0', size: 1 });
    await this.datastore.update('disks', 'da0', { size: 2 });
    await this.datastore.delete('disks', 'da0');
    await this.datastore.deleteMany('disks', []);
    await this.datastore.insert('disks', { id: 'da1', size: 3 });
    await this.configstore.setMany({ 'a.b': 1, 'a.c': 2 });
    return null;
  }
}
@task('caller.task', { executor: 'inline' }) @accepts(String) @returns(h.any())
export class CallerTask extends Task { verify() { return []; } run(method) { return this.dispatcher.callSync(method); } }
@Plugin({ providers: [CallerProvider, CallerTask] }) export default class {}
`;

const METHODS = [
  {
    name: 'add',
    description: 'Adds',
    parameters: ['left', 'options'],
    'params-schema': {
      type: 'array',
      items: [
        { type: 'integer' },
        {
          type: 'object',
          properties: {
            by: { type: 'integer', default: 1 },
            id: { type: 'integer', readOnly: true },
          },
          default: {},
        },
      ],
    },
    'result-schema': { type: 'integer' },
  },
  { name: 'secret', private: true },
  { name: 'push', roles: ['operator'], deprecated: 'use pull' },
  { name: 'own', roles: ['admin'] },
  { name: 'rows', query: { type: 'object', properties: { n: { type: 'integer' } } } },
  {
    name: 'items',
    generator: true,
    'result-schema': { type: 'array', items: { type: 'integer' } },
  },
  { name: 'open' },
];

let server: PluginServer;
let admin: PlainClient;
let reader: PlainClient;
let masked: PlainClient;
let service: PlainClient;
const name = newServiceName();

async function userWith(username: string, role: string): Promise<PlainClient> {
  await admin.result('account.create', { username, roles: [role] });
  const client = await PlainClient.connect(server.process.url);
  await client.request('rpc', 'auth', { username }); // as root of this machine
  return client;
}

beforeAll(async () => {
  server = await PluginServer.start(
    { 'caller.ts': PLUGIN },
    { dispatcher: { 'shipped-plugins': false } },
  );
  admin = await PlainClient.loggedIn(server.process.url);
  await admin.result('role.create', { name: 'masked', methods: [`${name}.*`, 'datastore.*'] });
  reader = await userWith('rita', 'reader');
  masked = await userWith('max', 'masked');
  service = await server.service('daemon');
  await service.result('plugin.register_service', name, { methods: METHODS });
  await service.result('plugin.resume_service', name);
});
afterAll(async () => {
  for (const client of [admin, reader, masked]) await client.close();
  await server.stop();
});

/** The next call that reaches the service; `outcome` is what the caller is answered. */
async function forwarded(outcome: Promise<WireFrame>): Promise<WireFrame> {
  const next = callsTo(service).length + 1;
  const call = await Promise.race([nthCall(service, next), outcome]);
  expect(call).toMatchObject({ namespace: 'rpc', name: 'call' });
  return call;
}

async function answered(outcome: Promise<WireFrame>, value: unknown): Promise<WireFrame> {
  reply(service, await forwarded(outcome), 'response', value);
  return outcome;
}

async function untouched(work: () => Promise<void>): Promise<void> {
  const before = callsTo(service).length;
  await work();
  await service.settled();
  expect(callsTo(service)).toHaveLength(before);
}

describe('a described method', () => {
  it('R3: is closed by its roles and marks, and nothing of a refused call is forwarded', () =>
    untouched(async () => {
      expect(await codeOf(reader.call(`${name}.secret`))).toBe(13);
      expect(await codeOf(admin.call(`${name}.secret`))).toBe(13);
      expect(await codeOf(masked.call(`${name}.secret`))).toBe(13);
      expect(await codeOf(reader.call(`${name}.push`))).toBe(13);
      expect(await codeOf(reader.call(`${name}.own`))).toBe(13);
    }));

  it('R3: that is private is open to plugins and services', async () => {
    const plugin = admin.call('caller.call', `${name}.secret`, []);
    expect(await answered(plugin, 'told')).toMatchObject({ args: 'told' });
    expect(await answered(service.call(`${name}.secret`), 'told')).toMatchObject({ args: 'told' });
  });

  it('R3: of another role is open to a mask that covers it, one without a role to a reader', async () => {
    expect(await answered(masked.call(`${name}.own`), 1)).toMatchObject({ args: 1 });
    expect(await answered(reader.call(`${name}.open`), 1)).toMatchObject({ args: 1 });
  });

  it('R3: has its arguments checked with every error told, defaults filled in, readOnly dropped', async () => {
    await untouched(async () => {
      const { args } = await reader.call(`${name}.add`, 'x', { by: 'y' }, 3);
      expect(args).toMatchObject({ code: 22 });
      const paths = (args as { extra: { path: unknown[] }[] }).extra.map(({ path }) => path);
      expect(paths).toEqual(expect.arrayContaining([[2], [0], [1, 'by']]));
    });
    const call = await forwarded(reader.call(`${name}.add`, 5, { id: 7 }));
    expect(call.args).toMatchObject({ args: [5, { by: 1 }] });
    reply(service, call, 'response', 6);
    const named = reader.request('rpc', 'call', { method: `${name}.add`, args: { left: 5 } });
    const second = await forwarded(named);
    expect(second.args).toMatchObject({ args: [5, { by: 1 }] });
    reply(service, second, 'response', 6);
    expect(await named).toMatchObject({ args: 6 });
    const wrong = await reader.request('rpc', 'call', {
      method: `${name}.add`,
      args: { lft: 5 },
    });
    expect(wrong.args).toMatchObject({ code: 22, extra: [{ path: ['lft'] }] });
  });

  it('R3: has its result checked, also piece by piece', async () => {
    const answer = answered(reader.call(`${name}.add`, 5), 'six');
    expect(await answer).toMatchObject({
      args: { code: 14, message: expect.any(String) as string },
    });
    expect(await answered(reader.call(`${name}.items`), ['x'])).toMatchObject({
      args: { code: 14 },
    });
    const streamed = reader.call(`${name}.items`);
    const call = await forwarded(streamed);
    reply(service, call, 'fragment', { seqno: 1, fragment: [1, 2] });
    await service.find(({ name: kind, id }) => kind === 'continue' && id === call.id);
    reply(service, call, 'end', 2);
    expect(await streamed).toMatchObject({ args: [1, 2] });
  });

  it('R3: that is no generator may not stream', async () => {
    const outcome = reader.call(`${name}.add`, 5);
    const call = await forwarded(outcome);
    reply(service, call, 'fragment', { seqno: 1, fragment: [1] });
    expect(await outcome).toMatchObject({ args: { code: 14 } });
    await service.find(({ name: kind, id }) => kind === 'abort' && id === call.id);
  });

  it.each<[string, unknown[]]>([
    ['a bad pattern', [[['n', '~', '(']]]],
    ['an unknown operator in a group', [[['or', [['n', 'near', 1]]]]]],
    ['an unknown parameter', [[], { order: 'n' }]],
    ['too deep a filter', [JSON.parse('[["or",'.repeat(40) + '[]' + ']]'.repeat(40))]],
  ])('R3: that answers queries is not asked with %s', (_, args) =>
    untouched(async () => {
      expect(await codeOf(reader.call(`${name}.rows`, ...args))).toBe(22);
    }),
  );

  it('R3: that answers queries has its rows checked', async () => {
    const good = answered(reader.call(`${name}.rows`, [['n', '=', 1]]), [{ n: 1 }]);
    expect(await good).toMatchObject({ args: [{ n: 1 }] });
    expect(await answered(reader.call(`${name}.rows`), [{ n: 'x' }])).toMatchObject({
      args: { code: 14 },
    });
  });

  it('R3: is shown by discovery with schemas and roles', async () => {
    const methods = await reader.result<{ name: string }[]>('discovery.get_methods', name);
    expect(methods.map((method) => method.name)).toEqual(METHODS.map((method) => method.name));
    expect(methods[0]).toMatchObject({ parameters: ['left', 'options'], description: 'Adds' });
    expect(methods[2]).toMatchObject({ roles: ['operator'], deprecated: 'use pull' });
    expect(methods[4]).toMatchObject({ parameters: ['filter', 'params'] });
  });
});

describe('a method that nobody described', () => {
  it('R3: is for admin and services only, whatever a mask covers', async () => {
    await untouched(async () => {
      expect(await codeOf(reader.call(`${name}.other`))).toBe(13);
      expect(await codeOf(masked.call(`${name}.other`))).toBe(13);
    });
    expect(await answered(admin.call(`${name}.other`), 1)).toMatchObject({ args: 1 });
    expect(await answered(service.call(`${name}.other`), 1)).toMatchObject({ args: 1 });
  });
});

describe('a forwarded call', () => {
  it('R3: says who calls, and because of what', async () => {
    const session = await reader.result<number>('session.get_my_session_id');
    const first = reader.call(`${name}.open`);
    const call = await forwarded(first);
    expect(call.args).toMatchObject({
      sender: {
        ...{ user: 'rita', roles: ['reader'], session },
        address: expect.stringMatching(/^127\.0\.0\.1,\d+$/) as string,
        cause: expect.stringMatching(/.+/) as string,
      },
    });
    expect((call.args as { sender: object }).sender).not.toHaveProperty('task');
    reply(service, call, 'response', null);
    await first;
  });

  it('R3: of a task says which', async () => {
    const next = callsTo(service).length + 1; // the task may call before its submitter has the id
    const id = await admin.result<number>('task.submit', 'caller.task', [`${name}.open`]);
    const call = await nthCall(service, next);
    expect(call.args).toMatchObject({ sender: { user: 'caller', session: null, task: id } });
    reply(service, call, 'response', null);
  });

  it('R3: brings passwords readable, from clients and plugins, nested or not, and logs none', async () => {
    const secret = { $password: 'hunter2-readable' };
    const args = [secret, { deep: [secret] }];
    for (const begin of [
      () => reader.call(`${name}.open`, ...args),
      () => admin.call('caller.call', `${name}.open`, args),
    ]) {
      const outcome = begin();
      const call = await forwarded(outcome);
      expect(call.args).toMatchObject({ args });
      reply(service, call, 'response', secret);
      expect(JSON.stringify(await outcome)).not.toContain('hunter2');
    }
    expect(server.process.log.join('\n')).not.toContain('hunter2');
  });
});

describe('a description that is wrong', () => {
  const register = async (methods: unknown): Promise<WireErrorArgs> => {
    const { args } = await service.call('plugin.register_service', newServiceName(), { methods });
    return args as WireErrorArgs;
  };

  it.each<[string, unknown, string]>([
    ['no list', 5, 'list'],
    ['no object', ['add'], 'no name'],
    ['a dot in the name', [{ name: 'a.b' }], '"a.b"'],
    ['a name of a prototype', [{ name: '__proto__' }], '__proto__'],
    ['two of a name', [{ name: 'twin' }, { name: 'twin' }], 'twin'],
    ['an unknown word', [{ name: 'm', role: ['admin'] }], '"role"'],
    ['roles that are no names', [{ name: 'm', roles: [1] }], 'roles'],
    ['a mark that is no flag', [{ name: 'm', private: 'yes' }], 'private'],
    ['no login', [{ name: 'm', unauthenticated: true }], 'login'],
    ['arguments that are no list', [{ name: 'm', 'params-schema': {} }], 'params-schema'],
    ['a schema of no kind', [{ name: 'm', 'result-schema': { type: 'nonsense' } }], '.m'],
    ['a pattern that is none', [{ name: 'm', 'result-schema': { pattern: '(' } }], '.m'],
    ['too few names', [{ ...METHODS[0], parameters: ['one'] }], 'parameters'],
    ['a query with arguments', [{ ...METHODS[0], query: true }], 'query'],
    [
      'more methods than anybody has',
      Array.from({ length: 100_000 }, (_, at) => ({ name: `m${at}` })),
      '1000',
    ],
  ])('R3: is refused as %s, and nothing is registered', async (_, methods, named) => {
    const { code, message, extra } = await register(methods);
    expect(code).toBe(22);
    expect(message + JSON.stringify(extra)).toContain(named);
  });

  it('R3: may name its methods by keys, none of which reaches a prototype', async () => {
    const polluted = JSON.parse('{"__proto__": {"private": false}}') as unknown;
    expect(await register(polluted)).toMatchObject({ code: 22 });
    const mapped = newServiceName();
    await service.result('plugin.register_service', mapped, { methods: { add: { roles: ['x'] } } });
    expect(await reader.result('discovery.get_methods', mapped)).toMatchObject([
      { name: 'add', roles: ['x'] },
    ]);
    await service.result('plugin.unregister_service', mapped);
  });
});

describe('data for services', () => {
  it('R3: rows can be read by services and plugins, and by nobody else', async () => {
    const watcher = await server.service('watcher');
    for (const client of [watcher, reader, admin]) {
      client.send('events', 'subscribe', null, ['datastore.*', 'settings.*']);
    }
    await watcher.settled();
    const since = await admin.result<string>('event.cursor');
    await admin.result('caller.write');
    expect(await watcher.result('datastore.query', 'disks', [], { select: 'id' })).toEqual(['da1']);
    expect(await watcher.result('datastore.get_one', 'disks', [['size', '=', 3]])).toMatchObject({
      id: 'da1',
    });
    expect(await watcher.result('datastore.get_by_id', 'disks', 'da9')).toBeNull();
    expect(await watcher.result('datastore.exists', 'disks', [['size', '>', 3]])).toBe(false);
    expect(await codeOf(watcher.call('datastore.query', 'nowhere'))).toBe(2);
    expect(await codeOf(watcher.call('datastore.query', 'tasks'))).toBe(13);
    const plugin = admin.result('caller.call', 'datastore.exists', ['disks', []]);
    expect(await plugin).toBe(true);
    for (const client of [reader, admin, masked]) {
      expect(await codeOf(client.call('datastore.query', 'disks'))).toBe(13);
    }

    await watcher.settled();
    const told = watcher.received.filter((frame) => frame.name === 'event').map(({ args }) => args);
    const change = (operation: string, ids: unknown): object => ({
      name: 'datastore.changed',
      args: { collection: 'disks', operation, ids },
    });
    const disks = told.filter(
      (event) => (event as { args: { collection?: string } }).args.collection === 'disks',
    );
    expect(disks).toMatchObject([
      change('create', ['da0']),
      change('update', ['da0']),
      change('delete', ['da0']),
      change('create', ['da1']),
    ]);
    expect(told.at(-1)).toMatchObject({ name: 'settings.changed', args: { keys: ['a.b', 'a.c'] } });

    const replayed = async (client: PlainClient): Promise<unknown[]> => {
      const masks = ['datastore.changed', 'settings.changed'];
      return (await client.result<{ events: unknown[] }>('event.replay', masks, { since })).events;
    };
    expect((await replayed(watcher)).length).toBe(told.length);
    for (const client of [reader, admin]) {
      await client.settled();
      expect(client.received.filter((frame) => frame.name === 'event')).toEqual([]);
      expect(await replayed(client)).toEqual([]);
    }
  });

  it('R3: nobody else can say that rows or settings changed', async () => {
    for (const event of ['datastore.changed', 'settings.changed']) {
      const frame = await admin.request('events', 'event', { name: event, args: {} });
      expect(frame.args).toMatchObject({ code: 1 });
    }
  });
});
