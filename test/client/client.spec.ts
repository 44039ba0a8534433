import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConnectionState, DispatcherClientError } from '../../src/client/index.js';
import { PluginServer } from '../contract/plugin-server.js';
import { newClient, rootClient } from './live-client.js';

const PLUGIN = `
import { accepts, generator, h, Plugin, Provider, provider, returns, signal } from 'dispatcher';

@provider('sample')
export class SampleProvider extends Provider {
  stopped = 0;
  @accepts(h.any()) @returns(h.any()) echo(value: unknown) { return value; }
  @accepts(h.datetime()) @returns(h.datetime()) dayAfter(day: Date) { return new Date(day.getTime() + 86_400_000); }
  @accepts(h.integer(), h.integer()) @returns(h.integer()) minus(a: number, b: number) { return a - b; }
  @accepts(String) @returns(null) fail(name: string) { throw new Error(name); }
  @accepts(h.integer()) @returns(h.array(h.integer())) @generator()
  async *numbers(count: number) {
    try { for (let i = 0; i < count; i += 1) yield i; } finally { this.stopped += 1; }
  }
  @accepts() @returns(h.integer()) stops() { return this.stopped; }
  @accepts() @returns(h.any()) hang(@signal() gone: AbortSignal) {
    return new Promise((_, reject) => gone.addEventListener('abort', () => { this.stopped += 1; reject(gone.reason); }));
  }
}
@Plugin({ providers: [SampleProvider] })
export default class {}
`;

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start({ 'sample/index.ts': PLUGIN });
});
afterAll(() => server.stop());

const url = (): string => server.process.url;

describe('a client of a real server', () => {
  it('connects, logs in, calls by position and by name, and gets values as themselves', async () => {
    const client = newClient(url());
    expect((await client.connect()).kind).toBe('open');
    const account = await client.login({ kind: 'local', username: 'root' });
    expect(account).toMatchObject({ user: 'root', tokenLifetimeSeconds: 600 });
    expect(await client.call('sample.minus', [5, 3])).toBe(2);
    expect(await client.call('sample.minus', { b: 5, a: 3 })).toBe(-2);
    const day = await client.call<Date>('sample.day_after', [new Date(0)]);
    expect(day).toEqual(new Date(86_400_000));
    expect(await client.call('sample.echo', [2n ** 60n])).toBe(2n ** 60n);
  });

  it('leaves values as they travel when it is asked to', async () => {
    const client = await rootClient(url(), { values: 'wire' });
    const day = { $date: '1970-01-01T00:00:00.000Z' };
    expect(await client.call('sample.day_after', [day])).toEqual({
      $date: '1970-01-02T00:00:00.000Z',
    });
  });

  it('tells what failed as an error with code, symbol, message and extra', async () => {
    const client = await rootClient(url());
    const failure = await client.call('sample.minus', [1, 'two']).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DispatcherClientError);
    expect(failure).toMatchObject({ code: 22, name: 'EINVAL', extra: [{ path: [1] }] });
    await expect(client.call('no.such')).rejects.toMatchObject({ name: 'ENOENT' });
  });

  it('refuses a wrong password and stays open for another try', async () => {
    const client = newClient(url());
    await client.connect();
    const login = { kind: 'password', username: 'root', password: 'wrong' } as const;
    await expect(client.login(login)).rejects.toMatchObject({ name: 'EACCES' });
    expect(client.state).toEqual({ kind: 'open', loginEnded: null });
    await client.login({ kind: 'local', username: 'root' });
  });

  it('logs in as a service', async () => {
    const client = newClient(url());
    await client.connect();
    const account = await client.login({ kind: 'service', name: 'agent' });
    expect(account).toEqual({ user: 'agent', tokenLifetimeSeconds: null });
    expect(await client.call('session.whoami')).toMatchObject({ kind: 'service' });
  });

  it('says that nobody answers where nobody does', async () => {
    const client = newClient('ws://127.0.0.1:9/socket');
    await expect(client.connect()).rejects.toMatchObject({ name: 'ECONNABORTED' });
    expect(client.state.kind).toBe('closed');
    await expect(client.call('management.ping')).rejects.toMatchObject({ name: 'ECONNABORTED' });
  });
});

describe('a stream', () => {
  it('comes item by item, and whole when it is called', async () => {
    const client = await rootClient(url());
    const items: number[] = [];
    for await (const item of client.stream<number>('sample.numbers', [40])) items.push(item);
    expect(items).toEqual([...Array(40).keys()]);
    expect(await client.call('sample.numbers', [40])).toEqual(items);
  });

  it('ends its producer when the loop is left', async () => {
    const client = await rootClient(url());
    const before = await client.call<number>('sample.stops');
    for await (const item of client.stream<number>('sample.numbers', [1_000_000])) {
      if (item === 20) break;
    }
    await expect.poll(() => client.call('sample.stops')).toBe(before + 1);
  });

  it('passes a result that is none on as one item, and an error as an error', async () => {
    const client = await rootClient(url());
    const items: unknown[] = [];
    for await (const item of client.stream('management.ping')) items.push(item);
    expect(items).toEqual(['pong']);
    const failing = client.stream('sample.fail', ['x']).next();
    await expect(failing).rejects.toMatchObject({ name: 'EFAULT' });
  });
});

describe('a call that takes too long', () => {
  it.each(['signal', 'timeoutMs'] as const)('is stopped by %s, also at the server', async (how) => {
    const client = await rootClient(url());
    const before = await client.call<number>('sample.stops');
    const options = how === 'signal' ? { signal: AbortSignal.timeout(20) } : { timeoutMs: 20 };
    const name = how === 'signal' ? 'ECANCELED' : 'ETIMEDOUT';
    await expect(client.call('sample.hang', [], options)).rejects.toMatchObject({ name });
    await expect.poll(() => client.call('sample.stops')).toBe(before + 1);
  });
});

describe('a login', () => {
  it('is taken up by its newest token when the connection was lost', async () => {
    const client = await rootClient(url());
    const tokens = [client.token];
    client.onToken((token) => tokens.push(token));
    for (let round = 0; round < 3; round += 1) {
      await dropConnection(client);
      await client.ready();
      expect(await client.call('session.whoami')).toMatchObject({ username: 'root' });
    }
    expect(new Set(tokens).size).toBe(4);
  });

  it('works from one page to the next by its token', async () => {
    const first = await rootClient(url());
    const second = newClient(url());
    await second.connect();
    const { user } = await second.login({ kind: 'token', token: String(first.token) });
    expect(user).toBe('root');
  });

  it('that an administrator ends is told of and not begun again', async () => {
    const [client, admin] = [await rootClient(url()), await rootClient(url())];
    const reasons: string[] = [];
    client.onLogout((reason) => reasons.push(reason));
    const id = await client.call('session.get_my_session_id');
    await admin.call('management.kick_session', [id]);
    const state = await reached(client, 'open');
    expect(state).toMatchObject({ loginEnded: reasons[0] });
    expect(client.token).toBeNull();
    await expect(client.call('session.whoami')).rejects.toMatchObject({ name: 'EACCES' });
  });

  it('that expired while nothing was said ends in a state that says so; a heartbeat keeps it', async () => {
    const short = await PluginServer.forThisTest({}, { dispatcher: { 'token-lifetime': 1 } });
    const alive = await rootClient(short.process.url, { heartbeatMs: 200 });
    const idle = await rootClient(short.process.url, { heartbeatMs: null });
    const state = await reached(idle, 'open');
    expect(state).toMatchObject({ loginEnded: 'Logged out due to inactivity period' });
    expect(alive.state.kind).toBe('authenticated');
  });

  it('that only watches events outlives its lifetime, without a word from its user', async () => {
    const short = await PluginServer.forThisTest({}, { dispatcher: { 'token-lifetime': 2 } });
    const [watching, busy] = [
      await rootClient(short.process.url),
      await rootClient(short.process.url),
    ];
    const ends: string[] = [];
    watching.onLogout((reason) => ends.push(reason));
    let seen = 0;
    await watching.events.on('test.tick', () => (seen += 1)).ready;
    const startedAt = performance.now();
    while (performance.now() - startedAt < 6_500) {
      await busy.events.publishConfirmed('test.tick', {});
    }
    expect(ends).toEqual([]);
    expect(seen).toBeGreaterThan(100);
    expect(watching.state.kind).toBe('authenticated');
  });
});

describe('a server that is started again', () => {
  it('is found again: the client asks for credentials and hears of the gap', async () => {
    const port = 20_000 + (process.pid % 20_000);
    const settings = { dispatcher: { 'websocket-port': port } };
    const first = await PluginServer.start({}, settings);
    const client = newClient(first.process.url, {
      credentials: () => ({ kind: 'local', username: 'root' }),
    });
    await client.connect();
    const gaps: string[] = [];
    const names: string[] = [];
    const options = { onGap: ({ reason }: { reason: string }) => gaps.push(reason) };
    await client.events.on('session.*', ({ name }) => names.push(name), options).ready;
    await first.stop();
    await reached(client, 'reconnecting');
    const second = await PluginServer.forThisTest({}, settings);
    await client.ready();
    await rootClient(second.process.url);
    await expect.poll(() => names.length).toBeGreaterThan(0);
    expect(gaps).toEqual(['journal']);
  });
});

/** Lets the server hang up without ending the login. */
async function dropConnection(client: Awaited<ReturnType<typeof rootClient>>): Promise<void> {
  const lost = reached(client, 'reconnecting');
  // a message that is too big for the server is the one fault that it hangs up for
  client.call('sample.echo', ['x'.repeat(5_000_000)]).catch(() => undefined);
  await lost;
}

async function reached(
  client: Awaited<ReturnType<typeof rootClient>>,
  kind: ConnectionState['kind'],
): Promise<ConnectionState> {
  const target = new EventTarget();
  const happened = once(target, kind);
  const forget = client.onState((state) => target.dispatchEvent(new Event(state.kind)));
  if (client.state.kind !== kind) await happened;
  forget();
  return client.state;
}
