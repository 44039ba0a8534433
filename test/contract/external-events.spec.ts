import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import {
  callsTo,
  codeOf,
  newServiceName as newName,
  offerService,
  reply,
} from './external-service.client.js';
import { PluginServer } from './plugin-server.js';

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start({});
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

const offered = (name?: string) => offerService(server, name);

describe('events of a service', () => {
  const told = async (service: PlainClient, method: string): Promise<unknown> => {
    const call = await service.find(
      (frame) =>
        frame.name === 'call' && (frame.args as { method: string }).method.endsWith(`.${method}`),
    );
    reply(service, call, 'response', null);
    return (call.args as { args: unknown }).args;
  };

  it('are enabled for the first and disabled for the last that wants them', async () => {
    const { name, service } = await offered();
    const event = `${name}.happened`;
    await service.result('plugin.register_event_type', name, event);
    const client = await server.admin();
    client.send('events', 'subscribe', null, [event, `${name}.*`]);
    expect(await told(service, 'enable')).toEqual([event]);
    service.send('events', 'event', null, { name: event, args: { a: 1 } });
    await client.find(({ args }) => (args as { name?: string } | null)?.name === event);
    client.send('events', 'unsubscribe', null, [event]);
    await client.settled();
    await service.settled();
    expect(callsTo(service)).toHaveLength(1);
    await client.close();
    expect(await told(service, 'disable')).toEqual([event]);
  });

  it('are enabled also when the subscriber was there first', async () => {
    const name = newName();
    const event = `${name}.happened`;
    const client = await server.admin();
    client.send('events', 'subscribe', null, [event]);
    await client.settled();
    const { service } = await offered(name);
    await service.result('plugin.register_event_type', name, event);
    expect(await told(service, 'enable')).toEqual([event]);
  });

  it('are known to discovery while the service is there', async () => {
    const { name, service } = await offered();
    const event = `${name}.happened`;
    const client = await server.admin();
    await service.result('plugin.register_event_type', name, event);
    expect(await client.result('discovery.get_event_types')).toHaveProperty([event]);
    const removed = 'server.event.removed';
    client.send('events', 'subscribe', null, [removed]);
    await client.settled();
    await service.close();
    await client.find(({ args }) => (args as { name?: string } | null)?.name === removed);
    expect(await client.result('discovery.get_event_types')).not.toHaveProperty([event]);
  });

  it.each(['server.shutdown', 'task.created', 'plugin.x', 'session.changed'])(
    'cannot be %s',
    async (event) => {
      const { name, service } = await offered();
      expect(await codeOf(service.call('plugin.register_event_type', name, event))).toBe(1);
    },
  );

  it('belong to the connection that registered them', async () => {
    const { name, service } = await offered();
    const event = `${name}.happened`;
    await service.result('plugin.register_event_type', name, event);
    const other = await offered();
    const calls = [
      other.service.call('plugin.register_event_type', other.name, event),
      other.service.call('plugin.unregister_event_type', event),
      other.service.call('plugin.register_event_type', name, 'x.y'),
    ];
    expect(await Promise.all(calls.map(codeOf))).toEqual([17, 1, 1]);
    await service.result('plugin.unregister_event_type', event);
    expect(await codeOf(service.call('plugin.unregister_event_type', event))).toBe(2);
  });
});

describe('schema definitions of a service', () => {
  it('are in the document, announced, and gone with the connection', async () => {
    const client = await server.admin();
    client.send('events', 'subscribe', null, ['server.schema_document_changed']);
    await client.settled();
    const service = await server.service('daemon');
    const changes = () =>
      client.received.filter(
        ({ args }) => (args as { name?: string } | null)?.name === 'server.schema_document_changed',
      );
    const changed = (n: number) => client.find((frame) => changes()[n - 1] === frame);
    await service.result('plugin.register_schema', 'ExtThing', { type: 'string' });
    const { args } = (await changed(1)).args as { args: { hash: string } };
    expect(args.hash).toBe(await client.result('discovery.get_schema_hash'));
    expect(await client.result('discovery.get_schema')).toMatchObject({
      definitions: { ExtThing: { type: 'string' } },
    });
    const other = await server.service('other');
    expect(await codeOf(other.call('plugin.unregister_schema', 'ExtThing'))).toBe(1);
    expect(await codeOf(other.call('plugin.register_schema', 'ExtThing', {}))).toBe(17);
    await service.close();
    await changed(2);
    const document = await client.result<{ definitions: object }>('discovery.get_schema');
    expect(document.definitions).not.toHaveProperty('ExtThing');
  });

  it('that are too deep are refused', async () => {
    const service = await server.service('daemon');
    let schema: object = { type: 'string' };
    for (let depth = 0; depth < 200; depth += 1) schema = { not: schema };
    expect(await codeOf(service.call('plugin.register_schema', 'Deep', schema))).toBe(22);
  });
});

describe('wait_for_service', () => {
  it('tells success from timeout, to any number that wait', async () => {
    const name = newName();
    const [one, two] = [await server.admin(), await server.admin()];
    expect(await one.result('plugin.wait_for_service', name, 0.05)).toBe(false);
    const waits = [
      one.result('plugin.wait_for_service', name, 60),
      two.result('plugin.wait_for_service', name),
    ];
    await Promise.all([one.settled(), two.settled()]);
    await offered(name);
    expect(await Promise.all(waits)).toEqual([true, true]);
    expect(await one.result('plugin.wait_for_service', name)).toBe(true);
  });
});
