import { describe, expect, it } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import type { PlainClient, WireFrame } from '../support/plain-client.js';

const READERS = 200;
const SHARED = 50;
const FLOOD = 500;
const FLOOD_BYTES = 50_000;
const OUTBOX_BYTES = 1_000_000;
/** Past that many times the limit the server does not wait for the grace time. */
const CEILING = 4;

const PLUGIN = `
import { accepts, h, Plugin, Provider, provider, returns } from 'dispatcher';

@provider('emitter')
export class EmitterProvider extends Provider {
  @accepts(h.integer()) @returns(null) round(round: number) {
    for (let i = 0; i < ${FLOOD / SHARED}; i += 1) {
      this.dispatcher.emitEvent('flood', { text: 'x'.repeat(${FLOOD_BYTES}) });
    }
    this.dispatcher.emitEvent('shared', { round });
    return null;
  }
}
@Plugin({ providers: [EmitterProvider] })
export default class {}
`;

const rounds = (client: PlainClient): unknown[] =>
  client.received
    .filter(({ name, args }) => name === 'event' && isNamed(args, 'shared'))
    .map(({ args }) => (args as { args: { round: number } }).args.round);

const isNamed = (args: unknown, name: string): boolean => (args as { name: string }).name === name;

async function reader(server: PluginServer, ...masks: string[]): Promise<PlainClient> {
  const client = await server.admin();
  client.send('events', 'subscribe', null, masks);
  await client.settled();
  return client;
}

describe('one reader of two hundred that stops reading', () => {
  it('is closed long before its grace time when the server would have to hold too much, and costs the others no event', async () => {
    const limits = {
      'outbox-bytes': OUTBOX_BYTES,
      'outbox-frames': 1_000_000,
      'outbox-grace-ms': 3_600_000,
    };
    const server = await PluginServer.forThisTest(
      { 'emitter.ts': PLUGIN },
      { dispatcher: { limits } },
    );
    const stalled = await reader(server, 'flood', 'shared');
    const watcher = await reader(server, 'server.client_stalled');
    const others = await Promise.all(
      Array.from({ length: READERS - 1 }, () => reader(server, 'shared')),
    );
    stalled.socket.pause();
    const publisher = await server.admin();
    for (let round = 0; round < SHARED; round += 1) await publisher.result('emitter.round', round);

    const told = (await watcher.find(({ name }) => name === 'event')) as WireFrame & {
      args: { name: string; args: { frames: number } };
    };
    expect(told.args.name).toBe('server.client_stalled');
    // a round or two and the largest piece that waits come on top of the bound
    const bound = (CEILING * OUTBOX_BYTES) / FLOOD_BYTES + (4 * FLOOD) / SHARED;
    expect(told.args.args.frames).toBeLessThan(bound);

    await Promise.all(others.map((other) => other.settled()));
    const everything = Array.from({ length: SHARED }, (_, i) => i);
    for (const other of others) expect(rounds(other)).toEqual(everything);

    stalled.socket.resume();
    expect((await stalled.closed).code).toBe(1013);
    expect(rounds(stalled).length).toBeLessThan(SHARED);
  });
});
