import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Errno,
  type DispatcherClient,
  DispatcherClientError,
  Password,
} from '../../src/client/index.js';
import { serve, type Service, type ServedCall } from '../../src/client/serve/index.js';
import { PluginServer } from '../contract/plugin-server.js';
import { FlakyProxy } from '../support/flaky-proxy.js';
import { newClient, rootClient } from './live-client.js';

const PLUGIN = `
import { accepts, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('taken') export class TakenProvider extends Provider {
  @accepts() @returns(String) who() { return 'the plugin'; }
}
@Plugin({ providers: [TakenProvider] }) export default class {}
`;

let server: PluginServer;
beforeAll(async () => {
  server = await PluginServer.start({ 'taken.ts': PLUGIN });
});
afterAll(() => server.stop());

let lastName = 0;
const newName = (): string => `served${(lastName += 1)}`;

async function agent(url = server.process.url): Promise<DispatcherClient> {
  const login = { kind: 'service', name: 'agent' } as const;
  const client = newClient(url, { credentials: () => login });
  await client.connect();
  return client;
}

const NUMBERS: Service[string] = {
  accepts: [{ type: 'integer' }],
  returns: { type: 'array', items: { type: 'integer' } },
  generator: true,
  // eslint-disable-next-line @typescript-eslint/require-await -- has its items at hand
  async *run([count]: [number]) {
    for (let i = 0; i < count; i += 1) yield i;
  },
};

async function offered(service: Service) {
  const name = newName();
  const client = await agent();
  const served = await serve(client, name, service);
  return { name, served, client, caller: await rootClient(server.process.url) };
}

describe('a service that a client offers', () => {
  it('answers with values as themselves, is described, and its arguments are checked', async () => {
    const { name, caller } = await offered({
      next: {
        description: 'The day after',
        accepts: [{ 'x-dispatcher-type': 'datetime' }],
        parameters: ['day'],
        run: ([day]: [Date]) => new Date(day.getTime() + 86_400_000),
      },
      add: {
        accepts: [{ type: 'integer' }, { type: 'integer', default: 1 }],
        required: 1,
        run: ([a, b]: [number, number]) => a + b,
      },
      nothing: () => undefined,
    });
    expect(await caller.call(`${name}.next`, { day: new Date(0) })).toEqual(new Date(86_400_000));
    expect(await caller.call(`${name}.add`, [4])).toBe(5);
    expect(await caller.call(`${name}.nothing`)).toBeNull();
    await expect(caller.call(`${name}.add`, ['4'])).rejects.toMatchObject({ name: 'EINVAL' });
    const methods = await caller.call<{ name: string; description: string }[]>(
      'discovery.get_methods',
      [name],
    );
    expect(methods.find((method) => method.name === 'next')).toMatchObject({
      description: 'The day after',
    });
  });

  it('hears who calls, and gets passwords readable', async () => {
    const calls: ServedCall[] = [];
    const secrets: unknown[] = [];
    const { name, caller } = await offered({
      keep: ([secret]: [unknown], call) => {
        calls.push(call);
        secrets.push(secret);
      },
    });
    await caller.call(`${name}.keep`, [new Password('s3cret')]);
    expect(calls[0]).toMatchObject({ method: 'keep', sender: { user: 'root', roles: ['admin'] } });
    expect(secrets[0]).toBeInstanceOf(Password);
    expect((secrets[0] as Password).reveal()).toBe('s3cret');
  });

  it('fails with the code, message and extra of its error, and with the message of any other', async () => {
    const { name, caller } = await offered({
      refuse: () => {
        throw new DispatcherClientError(Errno.EEXIST, 'There is one', { id: 7 });
      },
      // eslint-disable-next-line @typescript-eslint/require-await -- rejects
      break: async () => {
        throw new TypeError('broken');
      },
      unfit: () => ({ of: Number.NaN }),
    });
    const failing = (method: string) =>
      caller.call(`${name}.${method}`).catch((error: unknown) => error);
    expect(await failing('refuse')).toMatchObject({
      name: 'EEXIST',
      message: 'There is one',
      extra: { id: 7 },
    });
    expect(await failing('break')).toMatchObject({ name: 'EFAULT', message: 'broken' });
    expect(await failing('unfit')).toBeInstanceOf(DispatcherClientError);
    expect(await failing('missing')).toMatchObject({ name: 'ENOENT' });
    expect(await failing('toString')).toMatchObject({ name: 'ENOENT' });
  });

  it('streams all items in their order, no faster than they are taken', async () => {
    let made = 0;
    const { name, caller } = await offered({
      numbers: NUMBERS,
      slow: {
        generator: true,
        async *run(_args: unknown, { signal }: ServedCall) {
          while (!signal.aborted) {
            made += 1;
            yield made;
            await setTimeout(1); // slower than whoever takes it
          }
        },
      },
    });
    expect(await caller.call(`${name}.numbers`, [0])).toEqual([]);
    expect(await caller.call(`${name}.numbers`, [1_000])).toEqual([...Array(1_000).keys()]);
    const taken: unknown[] = [];
    for await (const item of caller.stream(`${name}.slow`)) {
      taken.push(item);
      if (taken.length === 3) break;
    }
    expect(taken).toEqual([1, 2, 3]);
    const before = made;
    await expect.poll(() => caller.call('management.ping')).toBe('pong');
    await expect.poll(() => made - before, { interval: 50 }).toBeLessThan(600);
    const after = made;
    await expect.poll(() => caller.call('management.ping'), { interval: 50 }).toBe('pong');
    expect(made).toBe(after); // the producer has ended
  });

  it('is told when the caller does not wait any more', async () => {
    let signal: AbortSignal | null = null;
    const { name, caller } = await offered({
      hang: (_args: unknown, call) => {
        ({ signal } = call);
        return new Promise(() => undefined);
      },
    });
    const stop = new AbortController();
    const hanging = caller.call(`${name}.hang`, [], { signal: stop.signal }).catch(() => null);
    await expect.poll(() => signal).not.toBeNull();
    stop.abort();
    await hanging;
    await expect.poll(() => signal?.aborted).toBe(true);
  });

  it('comes back on each new connection, and an idempotent call waits for it', async () => {
    const proxy = await FlakyProxy.before(server.process.url);
    const name = newName();
    const client = await agent(proxy.url);
    let runs = 0;
    await serve(client, name, { count: () => (runs += 1) });
    const caller = await rootClient(server.process.url);
    for (let round = 1; round <= 5; round += 1) {
      proxy.cutAfter(0);
      await client.call('management.ping').catch(() => null); // whether the cut was faster or not
      await expect
        .poll(() => caller.call(`${name}.count`).catch(() => 0), { timeout: 10_000 })
        .toBeGreaterThan(0);
    }
    expect(runs).toBeGreaterThanOrEqual(5);
    client.close();
    await proxy.close();
  });

  it('ends with stop, and leaves the other', async () => {
    const { name, served, client, caller } = await offered({ one: () => 1 });
    const other = newName();
    await serve(client, other, { two: () => 2 });
    await served.stop();
    await expect(caller.call(`${name}.one`)).rejects.toMatchObject({ name: 'ENOENT' });
    expect(await caller.call(`${other}.two`)).toBe(2);
  });

  it.each<[string, string, Service, string]>([
    ['a name of a plugin', 'taken', { who: () => 'me' }, 'EEXIST'],
    [
      'a description that is wrong',
      'wrong',
      { a: { returns: { type: 7 }, run: () => 1 } },
      'EINVAL',
    ],
  ])('%s is refused, and the client offers nothing', async (_case, name, service, code) => {
    const client = await agent();
    await expect(serve(client, name, service)).rejects.toMatchObject({ name: code });
    const fine = newName();
    await serve(client, fine, { a: () => 1 });
    const caller = await rootClient(server.process.url);
    expect(await caller.call(`${fine}.a`)).toBe(1);
  });

  it('needs a connection, a login as a service, and a name of its own', async () => {
    const client = newClient(server.process.url);
    await expect(serve(client, newName(), {})).rejects.toMatchObject({ name: 'ECONNABORTED' });
    const { name, client: serving } = await offered({ a: () => 1 });
    await expect(serve(serving, name, {})).rejects.toMatchObject({ name: 'EEXIST' });
  });
});

describe('an idempotent call', () => {
  it('waits for the connection, is made again when that goes, and ends with its time', async () => {
    const proxy = await FlakyProxy.before(server.process.url);
    const client = newClient(proxy.url, {
      credentials: () => ({ kind: 'local', username: 'root' }),
    });
    const options = { idempotent: true, timeoutMs: 10_000 };
    await client.connect();
    for (let round = 0; round < 10; round += 1) {
      proxy.cutAfter(round * 20);
      const answers = Array.from({ length: 5 }, () => client.call('management.ping', [], options));
      expect(await Promise.all(answers)).toEqual(Array(5).fill('pong'));
    }
    await proxy.close(); // from now on nobody answers
    await expect.poll(() => client.state.kind).toBe('reconnecting');
    const late = client.call('management.ping', [], { idempotent: true, timeoutMs: 50 });
    await expect(late).rejects.toMatchObject({ name: 'ETIMEDOUT' });
    const stop = new AbortController();
    const stopped = client.call('management.ping', [], { idempotent: true, signal: stop.signal });
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ name: 'ECANCELED' });
    const closed = client.call('management.ping', [], { idempotent: true });
    client.close();
    await expect(closed).rejects.toMatchObject({ name: 'ECONNABORTED' });
  });

  it('whose service has gone fails with what the server says, once', async () => {
    const { name, client, caller } = await offered({ hang: () => new Promise(() => undefined) });
    const hanging = caller.call(`${name}.hang`, [], { idempotent: true });
    void setTimeout(50).then(() => client.close());
    await expect(hanging).rejects.toMatchObject({ name: 'ECONNABORTED' });
  });
});
