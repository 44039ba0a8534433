import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { OriginalClient } from './original-client.js';
import { PluginServer } from './plugin-server.js';

const PLUGIN = `
import { accepts, generator, h, Plugin, Provider, provider, returns } from 'dispatcher';
let ended = 0;
@provider('rows') export class RowsProvider extends Provider {
  @accepts(h.integer()) @returns(h.array(h.integer())) @generator()
  *query(count) { try { for (let n = 1; n <= count; n += 1) yield n; } finally { ended += 1; } }
  @accepts() @returns(h.integer()) ended() { return ended; }
}
@Plugin({ providers: [RowsProvider] }) export default class {}
`;

let server: PluginServer;
const clients: OriginalClient[] = [];

beforeAll(async () => {
  server = await PluginServer.start({ 'rows.ts': PLUGIN });
});
afterEach(async () => {
  const used = clients.splice(0);
  await Promise.all(used.map((client) => client.close()));
  for (const client of used) expect(client.complaints).toEqual([]);
});
afterAll(() => server.stop());

async function connect(language: 'javascript' | 'python'): Promise<OriginalClient> {
  const client = await OriginalClient.connect(server.process.url, language);
  clients.push(client);
  return client;
}

async function loggedIn(
  language: 'javascript' | 'python',
  ...features: string[]
): Promise<OriginalClient> {
  const client = await connect(language);
  await client.login('root', '');
  if (features.length > 0) await client.call('management.enable_features', features);
  return client;
}

async function daemon(name: string): Promise<OriginalClient> {
  const client = await connect('python');
  expect(await client.request('auth_service', { name: `${name}d` })).toEqual([]);
  expect(await client.call('plugin.register_service', name)).toBeNull();
  return client;
}

const namesOf = ({ events }: OriginalClient): string[] => events.map(({ name }) => name);

describe.each(['javascript', 'python'] as const)('the %s client of the original', (language) => {
  it('logs in, comes back by token, and is told errors by code and message', async () => {
    const client = await connect(language);
    const [token, lifetime, username] = (await client.login('root', '')) as [
      string,
      number,
      string,
    ];
    expect([typeof token, lifetime, username]).toEqual(['string', 600, 'root']);
    const later = await connect(language);
    const [another, , name] = (await later.request('auth_token', { token })) as [string, 0, string];
    expect([another === token, name]).toEqual([false, 'root']);
    expect(await later.call('management.ping')).toBe('pong');
    await expect(later.call('no.such')).rejects.toMatchObject({
      code: 2,
      message: 'Service no not found',
    });
    await expect(client.request('auth_token', { token: 'gone' })).rejects.toMatchObject({
      code: 13,
    });
  });

  it('gets the events of its masks, each in a frame of its own', async () => {
    const [client, publisher] = [await loggedIn(language), await loggedIn('python')];
    client.subscribe('disk.*', 'disk.?dded', 'disk.*');
    await client.call('management.ping');
    publisher.emit('disk.added', { name: 'da0' });
    publisher.emitBurst({ name: 'disk.added', args: {} }, { name: 'disk.removed', args: {} });
    publisher.emit('pool.changed', {});
    await publisher.call('management.ping');
    await client.call('management.ping');
    expect(namesOf(client)).toEqual(['disk.added', 'disk.added', 'disk.removed']);
    expect(client.events[0]?.args).toMatchObject({
      name: 'da0',
      timestamp: { $date: expect.any(String) as unknown },
    });
  });

  it('gets a generator’s result as one array', async () => {
    const client = await loggedIn(language);
    const numbers = Array.from({ length: 40 }, (_, i) => i + 1);
    expect(await client.call('rows.query', 40)).toEqual(numbers);
  });

  it('is told why it is logged out before it is closed', async () => {
    const [client, admin] = [await loggedIn(language), await loggedIn('python')];
    await admin.call('management.kick_session', await client.call('session.get_my_session_id'));
    await client.closed;
    expect(client.logoutReason).toContain('Kicked out by root');
  });
});

describe('the python client of the original', () => {
  it.each([[0], [16], [40]])('reads a stream of %i by continue to end and close', async (count) => {
    const client = await loggedIn('python', 'streaming_responses');
    const numbers = Array.from({ length: count }, (_, i) => i + 1);
    expect(await client.call('rows.query', count)).toEqual({ items: numbers, ended: true });
  });

  it('leaves a stream by abort, which is answered by close', async () => {
    const client = await loggedIn('python', 'streaming_responses');
    const before = await client.call('rows.ended');
    const call = client.request('call', { method: 'rows.query', args: [1_000_000] }, 'stream');
    await client.call('management.ping'); // by then the producer is at work
    client.abort('stream');
    expect(await call).toMatchObject({ ended: false });
    await vi.waitFor(async () => {
      expect(await client.call('rows.ended')).toBe(Number(before) + 1);
    });
  });

  it('gets bursts when it asked for them, with the same events', async () => {
    const client = await loggedIn('python', 'event_bursts');
    client.subscribe('burst.*');
    await client.call('management.ping');
    const publisher = await loggedIn('python');
    publisher.emitBurst(...[1, 2, 3].map((n) => ({ name: `burst.${n}`, args: {} })));
    await publisher.call('management.ping');
    await client.call('management.ping');
    expect(namesOf(client)).toEqual(['burst.1', 'burst.2', 'burst.3']);
  });

  it('offers a service: calls wait for the resume, then are answered or streamed', async () => {
    const service = await daemon('etcd');
    service.methods.set('etcd.sum', (...args) => (args as number[]).reduce((a, b) => a + b));
    service.methods.set('etcd.list', () => new Set(['passwd', 'group', 'hosts']));
    const client = await loggedIn('python', 'streaming_responses');
    const early = client.call('etcd.sum', 1, 2, 3);
    expect(await service.call('plugin.resume_service', 'etcd')).toBeNull();
    expect(await early).toBe(6);
    expect(await client.call('etcd.list')).toEqual({
      items: ['passwd', 'group', 'hosts'],
      ended: true,
    });
    await expect(client.call('etcd.nothing')).rejects.toMatchObject({ code: 2 });
    const plain = await loggedIn('javascript');
    expect(await plain.call('etcd.list')).toEqual(['passwd', 'group', 'hosts']);
  });

  it('is enabled and disabled as somebody wants its events', async () => {
    const service = await daemon('devd');
    const told: unknown[] = [];
    for (const verb of ['enable', 'disable']) {
      service.methods.set(`devd.${verb}`, (event) => {
        told.push([verb, event]);
        return null;
      });
    }
    await service.call('plugin.resume_service', 'devd');
    await service.call('plugin.register_event_type', 'devd', 'devd.attached');
    const client = await loggedIn('javascript');
    client.subscribe('devd.*');
    await vi.waitFor(() => expect(told).toEqual([['enable', 'devd.attached']]));
    service.emit('devd.attached', { device: 'da1' });
    await service.call('management.ping');
    await client.call('management.ping');
    expect(namesOf(client)).toEqual(['devd.attached']);
    await client.close();
    await vi.waitFor(() => expect(told.at(-1)).toEqual(['disable', 'devd.attached']));
  });
});
