import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient, WireFrame } from '../support/plain-client.js';
import {
  callsTo,
  codeOf,
  newServiceName as newName,
  nthCall,
  offerService,
  reply,
} from './external-service.client.js';
import { PluginServer } from './plugin-server.js';

const PLUGIN = `
import { accepts, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('taken') export class TakenProvider extends Provider {
  @accepts() @returns(String) who() { return 'the plugin'; }
}
@Plugin({ providers: [TakenProvider] }) export default class {}
`;

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start(
    { 'taken.ts': PLUGIN },
    { dispatcher: { limits: { 'service-wait-ms': 300 } } },
  );
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

const offered = (name?: string) => offerService(server, name);

describe('a service that a process offers over its connection', () => {
  it('gets the calls with the arguments as given, and its answer is the answer', async () => {
    const { name, service } = await offered();
    const client = await server.admin();
    const positional = client.call(`${name}.add`, 1, { a: [2] });
    const first = await nthCall(service, 1);
    expect(first.args).toMatchObject({ method: `${name}.add`, args: [1, { a: [2] }] });
    reply(service, first, 'response', { sum: 3 });
    expect(await positional).toMatchObject({ name: 'response', args: { sum: 3 } });

    const named = client.request('rpc', 'call', { method: `${name}.add`, args: { left: 1 } });
    const second = await nthCall(service, 2);
    expect(second.args).toMatchObject({ method: `${name}.add`, args: { left: 1 } });
    reply(service, second, 'response', null);
    expect(await named).toMatchObject({ name: 'response', args: null });
  });

  it('has its errors relayed with code, message and extra', async () => {
    const { name, service } = await offered();
    const client = await server.admin();
    const answer = client.call(`${name}.fail`);
    reply(service, await nthCall(service, 1), 'error', {
      code: 28,
      message: 'The tape is full',
      extra: { tape: 7 },
    });
    expect(await answer).toMatchObject({
      name: 'error',
      args: { code: 28, message: 'The tape is full', extra: { tape: 7 } },
    });
  });

  it('is announced, resumed and withdrawn with events', async () => {
    const watcher = await server.admin();
    watcher.send('events', 'subscribe', null, ['plugin.service_*']);
    const { name, service } = await offered();
    await service.result('plugin.unregister_service', name);
    await watcher.settled();
    const seen = watcher.received
      .filter(({ name: kind }) => kind === 'event')
      .map(({ args }) => args as { name: string; args: Record<string, unknown> });
    expect(seen.map((event) => event.name)).toEqual([
      'plugin.service_registered',
      'plugin.service_resume',
      'plugin.service_unregistered',
    ]);
    expect(seen[0]?.args).toMatchObject({ 'service-name': name });
    expect(seen[1]?.args).toMatchObject({ name });
    expect(await codeOf(watcher.call(`${name}.x`))).toBe(2);
  });

  it('can be discovered, and describes its methods itself', async () => {
    const { name, service } = await offered();
    const client = await server.admin();
    expect(await client.result('discovery.get_services')).toContain(name);
    const methods = client.result('discovery.get_methods', name);
    const question = await nthCall(service, 1);
    expect(question.args).toMatchObject({ method: `${name}.enumerate_methods` });
    reply(service, question, 'response', [{ name: 'add', description: 'Adds', more: 1 }]);
    expect(await methods).toMatchObject([{ name: 'add', description: 'Adds', private: false }]);
  });

  it('may call itself through the server', async () => {
    const { name, service } = await offered();
    const own = service.call(`${name}.self`);
    reply(service, await nthCall(service, 1), 'response', 'me');
    expect(await own).toMatchObject({ name: 'response', args: 'me' });
  });

  it.each(['__init__', '__proto__', '_private', 'a b'])('is never asked for %s', async (method) => {
    const { name, service } = await offered();
    const client = await server.admin();
    expect(await codeOf(client.call(`${name}.${method}`))).toBe(2);
    await service.settled();
    expect(callsTo(service)).toEqual([]);
  });

  it('is closed to strangers', async () => {
    const { name, service } = await offered();
    const stranger = await server.stranger();
    expect(await codeOf(stranger.call(`${name}.add`))).toBe(13);
    await service.settled();
    expect(callsTo(service)).toEqual([]);
  });
});

describe('before a service resumes', () => {
  it('calls wait and are forwarded then', async () => {
    const name = newName();
    const service = await server.service('daemon');
    await service.result('plugin.register_service', name);
    const client = await server.admin();
    const early = client.call(`${name}.early`);
    await client.settled();
    expect(callsTo(service)).toEqual([]);
    await service.result('plugin.resume_service', name);
    reply(service, await nthCall(service, 1), 'response', 'late');
    expect(await early).toMatchObject({ args: 'late' });
  });

  it('calls wait no longer than the limit', async () => {
    const name = newName();
    const service = await server.service('daemon');
    await service.result('plugin.register_service', name);
    const client = await server.admin();
    expect(await client.call(`${name}.early`)).toMatchObject({
      name: 'error',
      args: { message: expect.stringContaining(name) as string },
    });
  });

  it('waiting calls fail as soon as the service goes', async () => {
    const name = newName();
    const service = await server.service('daemon');
    await service.result('plugin.register_service', name);
    const client = await server.admin();
    const early = codeOf(client.call(`${name}.early`));
    await client.settled();
    await service.close();
    expect(await early).toBe(103);
  });
});

describe('the name of a service', () => {
  it.each(['management', 'discovery', 'task', 'taken'])('cannot be %s', async (name) => {
    const service = await server.service('daemon');
    expect(await codeOf(service.call('plugin.register_service', name))).toBe(17);
    const client = await server.admin();
    expect(await client.result('management.ping')).toBe('pong');
    expect(await client.result('taken.who')).toBe('the plugin');
  });

  it.each(['', '.', 'a..b', '__proto__', 'a b', '-x', 'x'.repeat(500)])(
    'cannot be %j',
    async (name) => {
      const service = await server.service('daemon');
      expect(await codeOf(service.call('plugin.register_service', name))).toBe(22);
    },
  );

  it('stays with the live connection that has it, and only that one may act on it', async () => {
    const { name } = await offered();
    const other = await server.service('other');
    expect(await codeOf(other.call('plugin.register_service', name))).toBe(17);
    expect(await codeOf(other.call('plugin.unregister_service', name))).toBe(1);
    expect(await codeOf(other.call('plugin.resume_service', name))).toBe(1);
    expect(await codeOf(other.call('plugin.unregister_service', newName()))).toBe(2);
  });

  it('is free at once when its connection goes, and calls under way end with ECONNABORTED', async () => {
    const { name, service } = await offered();
    const client = await server.admin();
    const pending = codeOf(client.call(`${name}.slow`));
    await nthCall(service, 1);
    await service.close();
    expect(await pending).toBe(103);
    const next = await offered(name);
    const answer = client.call(`${name}.slow`);
    reply(next.service, await nthCall(next.service, 1), 'response', 'again');
    expect(await answer).toMatchObject({ args: 'again' });
  });

  it('is for service principals to register, not for users', async () => {
    const admin = await server.admin();
    expect(await codeOf(admin.call('plugin.register_service', newName()))).toBe(13);
  });
});

describe('a service that answers badly', () => {
  it('twice: the first answer counts, and the connection lives on', async () => {
    const { name, service } = await offered();
    const client = await server.admin();
    const answer = client.call(`${name}.x`);
    const call = await nthCall(service, 1);
    reply(service, call, 'response', 1);
    reply(service, call, 'response', 2);
    reply(service, call, 'error', { code: 5, message: 'late' });
    expect(await answer).toMatchObject({ args: 1 });
    expect(await service.result('management.ping')).toBe('pong');
    expect(service.received.filter(({ name: kind }) => kind === 'error')).toEqual([]);
  });

  it.each<[string, string, unknown]>([
    ['an error without a shape', 'error', 'boom'],
    ['a fragment out of order', 'fragment', { seqno: 3, fragment: [1] }],
    ['a fragment without items', 'fragment', { seqno: 1, fragment: 'abc' }],
    ['an end that follows nothing', 'end', 9],
    ['a close', 'close', null],
  ])('with %s: the caller gets one error', async (_, kind, args) => {
    const { name, service } = await offered();
    const client = await server.admin();
    client.send('rpc', 'call', 'bad', { method: `${name}.x`, args: [] });
    reply(service, await nthCall(service, 1), kind, args);
    await client.find(({ id }) => id === 'bad');
    await client.settled();
    expect(client.received.filter(({ id }) => id === 'bad').map((frame) => frame.name)).toEqual([
      'error',
    ]);
    expect(await service.result('management.ping')).toBe('pong');
  });

  it('never: the caller may give up, and the service is told', async () => {
    const { name, service } = await offered();
    const client = await server.admin();
    client.send('rpc', 'call', 'slow', { method: `${name}.x`, args: [] });
    const call = await nthCall(service, 1);
    client.send('rpc', 'abort', 'slow', null);
    await client.find((frame) => frame.id === 'slow' && frame.name === 'close');
    await service.find((frame) => frame.id === call.id && frame.name === 'abort');
    reply(service, call, 'response', 'too late');
    await service.settled();
    expect((await client.settled()).filter(({ id }) => id === 'slow')).toHaveLength(1);
  });

  it('never: the caller may go, and the service is told', async () => {
    const { name, service } = await offered();
    const client = await server.admin();
    client.send('rpc', 'call', 'slow', { method: `${name}.x`, args: [] });
    const call = await nthCall(service, 1);
    await client.close();
    await service.find((frame) => frame.id === call.id && frame.name === 'abort');
  });
});

describe('a stream of a service', () => {
  /** Answers the call with numbers, a fragment for each `continue`; returns the seqnos asked for. */
  function produce(service: PlainClient, call: WireFrame, fragments: number): void {
    reply(service, call, 'fragment', { seqno: 1, fragment: [1, 2] });
    service.socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as WireFrame;
      if (frame.id !== call.id || frame.name !== 'continue') return;
      const seqno = frame.args as number;
      if (seqno > fragments) {
        reply(service, call, 'end', seqno);
        reply(service, call, 'close', null);
      } else {
        reply(service, call, 'fragment', { seqno, fragment: [seqno * 2 - 1, seqno * 2] });
      }
    });
  }

  it('comes as one array to a client without the feature', async () => {
    const { name, service } = await offered();
    const client = await server.admin();
    const all = client.result(`${name}.count`);
    produce(service, await nthCall(service, 1), 3);
    expect(await all).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('comes in fragments to a client with the feature, ended and closed', async () => {
    const { name, service } = await offered();
    const client = await server.admin('streaming_responses');
    client.send('rpc', 'call', 's', { method: `${name}.count`, args: [] });
    produce(service, await nthCall(service, 1), 40);
    const items: unknown[] = [];
    for (let seqno = 1; ; seqno += 1) {
      if (seqno > 1) client.send('rpc', 'continue', 's', seqno);
      const frame = await client.find(
        ({ id, name: kind, args }) =>
          id === 's' &&
          ((kind === 'fragment' && (args as { seqno: number }).seqno === seqno) || kind === 'end'),
      );
      if (frame.name === 'end') break;
      items.push(...(frame.args as { fragment: unknown[] }).fragment);
    }
    await client.find(({ id, name: kind }) => id === 's' && kind === 'close');
    expect(items).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
  });

  it('is aborted at the service when the client aborts', async () => {
    const { name, service } = await offered();
    const client = await server.admin('streaming_responses');
    client.send('rpc', 'call', 's', { method: `${name}.count`, args: [] });
    const call = await nthCall(service, 1);
    produce(service, call, 1_000_000);
    await client.find(({ id, name: kind }) => id === 's' && kind === 'fragment');
    client.send('rpc', 'abort', 's', null);
    await client.find(({ id, name: kind }) => id === 's' && kind === 'close');
    await service.find(({ id, name: kind }) => id === call.id && kind === 'abort');
  });

  it('that ends with the connection of the service ends with an error and no end', async () => {
    const { name, service } = await offered();
    const client = await server.admin('streaming_responses');
    client.send('rpc', 'call', 's', { method: `${name}.count`, args: [] });
    const call = await nthCall(service, 1);
    produce(service, call, 1_000_000);
    await client.find(({ id, name: kind }) => id === 's' && kind === 'fragment');
    await service.close();
    client.send('rpc', 'continue', 's', 2);
    for (let seqno = 3; ; seqno += 1) {
      const last = await client.find(
        ({ id, name: kind, args }) =>
          id === 's' &&
          (kind === 'error' ||
            (kind === 'fragment' && (args as { seqno: number }).seqno === seqno - 1)),
      );
      if (last.name === 'error') {
        expect(last.args).toMatchObject({ code: 103 });
        break;
      }
      client.send('rpc', 'continue', 's', seqno);
    }
    expect(client.received.some(({ id, name: kind }) => id === 's' && kind === 'end')).toBe(false);
  });
});
