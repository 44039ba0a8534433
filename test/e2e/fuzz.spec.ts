import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

const FRAMES = 100_000;
const BATCH = 500;

let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start();
});
afterAll(async () => {
  await server.stop();
});

const SEEDS = [
  { namespace: 'rpc', name: 'call', args: { method: 'management.ping', args: [] } },
  {
    namespace: 'rpc',
    name: 'call',
    args: { method: 'discovery.get_methods', args: { service: 'management' } },
  },
  { namespace: 'rpc', name: 'call', args: { method: 'system.time', args: null } },
  { namespace: 'rpc', name: 'auth', args: { username: 'root', password: '' } },
  { namespace: 'rpc', name: 'auth_token', args: { token: 'x' } },
  { namespace: 'rpc', name: 'continue', args: 2 },
  { namespace: 'rpc', name: 'abort', args: null },
  { namespace: 'rpc', name: 'nonsense', args: {} },
  { namespace: 'nonsense', name: 'call', args: {} },
];

const junk = fc.oneof(
  { maxDepth: 3 },
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    null,
    '',
    0,
    '__proto__',
    'constructor',
    { $date: 'x' },
    { $password: 1 },
    { $long: '9'.repeat(50) },
  ),
);

/** A frame that asks for an answer, with one of its parts replaced by junk or taken away. */
const mutated = fc
  .tuple(
    fc.constantFrom(...SEEDS),
    fc.constantFrom('args', 'name', 'namespace', 'args.method', 'args.args', 'none'),
    junk,
  )
  .map(([seed, place, value]) => {
    const frame = structuredClone(seed) as Record<string, unknown>;
    const [outer = '', inner] = place.split('.');
    if (place === 'none') return frame;
    if (inner === undefined) frame[outer] = value;
    else if (typeof frame['args'] === 'object' && frame['args'] !== null) {
      Object.assign(frame['args'], { [inner]: value });
    }
    return frame;
  })
  // frames that ask for no answer have no id to count
  .filter(
    ({ namespace, name }) =>
      namespace !== 'events' &&
      !['response', 'error', 'fragment', 'end', 'close'].includes(name as string),
  )
  // what would end the server or the connection for a reason is no subject of this test
  .filter((frame) => !/shutdown|kick_session|reload_plugins/.test(JSON.stringify(frame)));

/** Bytes that are nearly a frame: cut, doubled, or overwritten somewhere. They have no id that could be read for certain. */
const mangled = fc
  .tuple(mutated, fc.nat(200), fc.constantFrom('cut', 'flip', 'double'))
  .map(([frame, at, how]) => {
    const bytes = Buffer.from(JSON.stringify({ ...frame, id: 'mangled' }));
    if (how === 'cut') return bytes.subarray(0, Math.min(at, bytes.length - 1));
    if (how === 'double') return Buffer.concat([bytes, bytes]);
    bytes[at % bytes.length]! ^= 0x80;
    return bytes;
  });

describe('the socket under 100,000 random and mutated frames', () => {
  it('answers every id exactly once, stays up and does not grow', async () => {
    const client = await PlainClient.loggedIn(server.url);
    const answers = new Map<number, number>();
    client.socket.on('message', (data: Buffer) => {
      const { id } = JSON.parse(data.toString()) as { id: unknown };
      if (typeof id === 'number') answers.set(id, (answers.get(id) ?? 0) + 1);
    });
    const frames = fc.sample(mutated, { numRuns: 5_000, seed: 20_150_216 });
    const noise = fc.sample(mangled, { numRuns: 5_000, seed: 20_150_216 });
    let id = 0;
    let residentAfterWarmUp = 0;
    for (let sent = 0; sent < FRAMES;) {
      for (let i = 0; i < BATCH; i += 1, sent += 2) {
        id += 1;
        client.sendRaw(JSON.stringify({ ...frames[id % frames.length], id }));
        client.sendRaw(noise[id % noise.length]!);
      }
      expect(await client.result('management.ping')).toBe('pong');
      client.received.length = 0;
      if (sent === FRAMES / 4) residentAfterWarmUp = residentMegabytes();
    }
    // an asynchronous method's answer may come after that of a later ping, but not after many
    for (let round = 0; round < 100 && answers.size < id; round += 1)
      await client.call('system.time');
    await client.close();
    const wrong = Array.from({ length: id }, (_, index) => index + 1).filter(
      (n) => answers.get(n) !== 1,
    );
    expect(wrong).toEqual([]);
    expect(residentMegabytes() - residentAfterWarmUp).toBeLessThan(50);
    const next = await PlainClient.loggedIn(server.url);
    expect(await next.result('management.status')).toMatchObject({ 'connected-clients': 1 });
    await next.close();
  });

  function residentMegabytes(): number {
    const pages = Number(readFileSync(`/proc/${server.pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * 4_096) / 1_048_576;
  }
});
