import { connect } from 'node:net';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { close, frame, Op, ping, pong, RawWebSocket, text } from '../support/raw-web-socket.js';
import { PlainClient } from '../support/plain-client.js';
import { floodFromThread } from '../support/flooder.js';
import { ServerProcess } from '../support/server-process.js';

const MIB = 1_024 * 1_024;

let server: ServerProcess;
let other: PlainClient;
const opened: RawWebSocket[] = [];

beforeAll(async () => {
  server = await ServerProcess.start({
    dispatcher: { 'shipped-plugins': false },
  });
  other = await PlainClient.loggedIn(server.url);
});
afterEach(async () => {
  for (const client of opened.splice(0)) client.destroy();
  expect(await other.result('management.ping')).toBe('pong');
  other.received.length = 0;
});
afterAll(() => server.stop());

async function open(path = '/socket', behind?: Buffer): Promise<RawWebSocket> {
  const client = await RawWebSocket.open(new URL(path, server.url).href, behind);
  opened.push(client);
  return client;
}

const call = (id: unknown, method = 'management.ping'): Buffer =>
  text(JSON.stringify({ namespace: 'rpc', name: 'call', id, args: { method, args: [] } }));
const many = (count: number, each: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => each));
const residentMib = (): number => {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
};

/** How many calls of another client were answered, one behind the other, while `work` went on. */
async function servedMeanwhile(work: () => Promise<unknown>): Promise<number> {
  let served = 0;
  const state = { isDone: false };
  const working = work().finally(() => {
    state.isDone = true;
  });
  while (!state.isDone) {
    await other.result('management.ping');
    served += 1;
  }
  await working;
  other.received.length = 0;
  return served;
}

/** How long calls of another client took, in the middle, while `work` went on. */
async function medianWait(work: () => Promise<unknown>): Promise<number> {
  const waits: number[] = [];
  const state = { isDone: false };
  const working = work().finally(() => {
    state.isDone = true;
  });
  do {
    const start = performance.now();
    await other.result('management.ping');
    waits.push(performance.now() - start);
  } while (!state.isDone);
  await working;
  other.received.length = 0;
  return waits.sort((a, b) => a - b)[Math.floor(waits.length / 2)] ?? 0;
}

/** Writes as fast as the server takes it, for a time or until it hangs up. */
async function flood(client: RawWebSocket, bytes: Buffer, forMs: number): Promise<void> {
  const end = Date.now() + forMs;
  while (!client.socket.destroyed && Date.now() < end) {
    const hasRoom = client.socket.writableLength === 0 && client.socket.write(bytes);
    await new Promise((resolve) => setTimeout(resolve, hasRoom ? 0 : 5));
  }
}

describe('a flood of frames', () => {
  const pings = Buffer.concat([many(5_000, ping()), pong()]);

  it('T1: of pings whose pongs are not read takes neither memory nor turns from anybody', async () => {
    await floodFromThread(server.url, pings, 1_000); // until the engine has its size
    const before = residentMib();
    const idle = await medianWait(() => new Promise((resolve) => setTimeout(resolve, 500)));
    const flooded = await medianWait(async () => {
      for (let round = 0; round < 5; round += 1) await floodFromThread(server.url, pings, 1_000);
    });
    expect(flooded).toBeLessThan(10 * idle);
    expect(residentMib() - before).toBeLessThan(30);
  });

  it.each<[string, Buffer]>([
    ['pongs that nobody asked for', many(50_000, pong())],
    ['pongs of 125 bytes', many(10_000, pong('x'.repeat(125)))],
    [
      'answers to calls that were never made',
      many(5_000, text('{"namespace":"rpc","name":"response","id":1}')),
    ],
    ['calls that need a login', many(5_000, call(1))],
  ])('T2: of %s lets others have their turns, and is heard to its end', async (_, bytes) => {
    const client = await open();
    const served = await servedMeanwhile(async () => {
      client.send(Buffer.concat([bytes, ping('done')]));
      await client.until(() =>
        client.received.some(
          ({ opcode, payload }) => opcode === Op.pong && payload.toString() === 'done',
        ),
      );
    });
    expect(served).toBeGreaterThan(3);
    expect(client.closeCode).toBeNull();
  });

  it('T2: of 50,000 pings in one write is answered in turns, each ping, in order', async () => {
    const client = await open();
    const count = 50_000;
    const served = await servedMeanwhile(async () => {
      client.send(Buffer.concat(Array.from({ length: count }, (_, i) => ping(String(i)))));
      await client.until(() => client.received.length >= count);
    });
    const pongs = client.received.filter(({ opcode }) => opcode === Op.pong);
    expect(pongs.slice(0, 3).map(({ payload }) => payload.toString())).toEqual(['0', '1', '2']);
    expect(pongs.at(-1)?.payload.toString()).toBe(String(count - 1));
    expect(served).toBeGreaterThan(3);
  });

  it.each<[string, Buffer, string]>([
    ['empty texts', text(''), '/socket'],
    ['empty texts, as JSON-RPC', text(''), '/jsonrpc'],
    [
      'texts in two fragments',
      Buffer.concat([frame({ opcode: 1, isFinal: false }), frame({ opcode: 0 })]),
      '/socket',
    ],
    ['binary bytes', frame({ opcode: 2, payload: Buffer.from([0xff]) }), '/socket'],
    ['unknown frames', text('{"namespace":"a","name":"b","id":1}'), '/socket'],
    ['malformed calls', text('{"namespace":"rpc","name":"call","id":1,"args":{}}'), '/socket'],
    ['malformed logins', text('{"namespace":"rpc","name":"auth","id":1,"args":7}'), '/socket'],
    [
      'invalid requests in batches',
      text(`[${Array.from({ length: 100 }, () => '7').join()}]`),
      '/jsonrpc',
    ],
  ])('T2: of %s before login closes with 1008 after 16 of them', async (_, each, path) => {
    const client = await open(path);
    client.send(many(50_000, each));
    await client.until(() => client.closeCode !== null);
    expect(client.closeCode).toBe(1_008);
    expect(client.texts.length).toBeLessThanOrEqual(17);
  });

  it('T2: is none when a stranger only has to log in first, and none after login', async () => {
    const client = await open();
    for (let id = 0; id < 40; id += 1) client.send(call(id));
    await client.until(() => client.texts.length === 40);
    await client.logIn();
    client.send(many(40, text('')));
    await client.until(() => client.texts.length === 40);
    expect(client.closeCode).toBeNull();
  });

  it('T2: of fragments without end closes with 1008, and of bytes one by one is one message', async () => {
    const fragments = await open();
    await fragments.logIn();
    const first = frame({ opcode: 1, isFinal: false, payload: 'x' });
    fragments.send(Buffer.concat([first, many(20_000, frame({ opcode: 0, isFinal: false }))]));
    await fragments.ended;
    expect(fragments.closeCode).toBe(1_008);
    const slow = await open();
    for (const byte of call('slow')) {
      slow.send(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    await slow.until(() => slow.texts.length === 1);
    expect(slow.texts[0]).toContain('"id":"slow"');
  });

  it('T1: of fragments that come with much else does not make the server keep all that', async () => {
    const before = residentMib();
    const client = await open();
    await client.logIn(); // a stranger has few fragments to send
    const noise = many(450, pong('x'.repeat(125)));
    client.send(frame({ opcode: 1, isFinal: false, payload: 'x' }));
    for (let i = 0; i < 2_500; i += 1) {
      const piece = Buffer.concat([frame({ opcode: 0, isFinal: false, payload: 'x' }), noise]);
      if (!client.socket.write(piece)) {
        await new Promise((resolve) => client.socket.once('drain', resolve));
      }
    }
    client.send(ping('done'));
    await client.until(() => client.received.some(({ opcode }) => opcode === Op.pong));
    expect(residentMib() - before).toBeLessThan(48);
  });
});

describe('a fault', () => {
  it('T3: text that is not UTF-8 closes with 1007, by either way in', async () => {
    for (const path of ['/socket', '/jsonrpc']) {
      const client = await open(path);
      client.send(text(Buffer.from([0x22, 0xff, 0x22])));
      await client.ended;
      expect(client.closeCode).toBe(1_007);
    }
  });

  it.each<[string, string]>([
    ['unmasked text of a thousand bytes to come', '817e03e8'],
    ['a reserved bit', 'c1fe03e8'],
    ['an unknown opcode', '83fe03e8'],
    ['a long ping', '89fe03e8'],
    ['a ping of three bytes in the long form', '89fe000300000000616263'],
    ['a long pong beyond the limit of messages', '8aff0000000000100000'],
  ])('T4, T5: %s is told with 1002 at the header', async (_, hex) => {
    const client = await open();
    client.send(Buffer.from(hex, 'hex'));
    expect(await client.ended).toBe('end');
    expect(client.closeCode).toBe(1_002);
  });

  it('T4: behind a valid call is told after the call was answered, and nothing behind it is heard', async () => {
    const client = await open();
    client.send(Buffer.concat([call('before'), frame({ opcode: 3 }), call('behind')]));
    await client.ended;
    expect(client.received.map(({ opcode }) => opcode)).toEqual([Op.text, Op.close]);
    expect(client.texts[0]).toContain('"id":"before"');
  });

  it('T6: bytes behind a close frame do not keep the goodbye from arriving', async () => {
    const client = await open();
    client.send(Buffer.concat([call('x'), close(1_000), many(2_000, ping('late'))]));
    client.send(Buffer.alloc(4 * MIB));
    expect(await client.ended).toBe('end');
    expect(client.closeCode).toBe(1_000);
    expect(client.received).toHaveLength(2);
  });

  it('T6: who goes on sending after the goodbye is cut off', async () => {
    const client = await open();
    client.send(frame({ opcode: 3 }));
    await client.until(() => client.closeCode !== null);
    const before = residentMib();
    const bytes = Buffer.alloc(MIB);
    await flood(client, bytes, 30_000);
    expect(client.socket.destroyed).toBe(true);
    expect(residentMib() - before).toBeLessThan(64);
  });
});

/** What the server answers to a request as it stands. */
function answerTo(request: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(request, 'latin1'));
    socket.on('data', (bytes: Buffer) => {
      answer += bytes.toString('latin1');
      if (answer.includes('\r\n\r\n')) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

const ask = (...lines: readonly string[]): string =>
  `${['GET /socket HTTP/1.1', 'Host: x', ...lines].join('\r\n')}\r\n\r\n`;
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const USUAL = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', KEY];

describe('a handshake', () => {
  it.each<[string, string, string]>([
    ['as usual', ask(...USUAL), 'HTTP/1.1 101'],
    ['with a tab behind a token', ask(...USUAL.with(1, 'Connection: Upgrade\t')), 'HTTP/1.1 426'],
    ['of another version', ask(...USUAL.with(2, 'Sec-WebSocket-Version: 12')), 'HTTP/1.1 400'],
    ['without a key', ask(...USUAL.slice(0, 3)), 'HTTP/1.1 400'],
    ['for another protocol', ask(...USUAL.with(0, 'Upgrade: h2c')), 'HTTP/1.1 400'],
    ['by another method', ask(...USUAL).replace('GET', 'POST'), 'HTTP/1.1 405'],
    ['with a header that is folded', ask(...USUAL, 'X: a', ' b'), 'HTTP/1.1 400'],
    [
      'with 3000 header lines',
      ask(...USUAL, ...Array.from({ length: 3_000 }, () => 'a:')),
      'HTTP/1.1 101',
    ],
    [
      'with more header bytes than Node takes',
      ask(...USUAL, `X: ${'x'.repeat(20_000)}`),
      'HTTP/1.1 431',
    ],
    [
      'to nowhere, with frames behind it',
      ask(...USUAL).replace('/socket', '/no') + 'x'.repeat(100_000),
      'HTTP/1.1 404',
    ],
  ])('T6: %s is read by the one HTTP parser', async (_, request, status) => {
    expect((await answerTo(request)).slice(0, 12)).toBe(status);
  });

  it('T6: is not blinded by header lines to what a proxy adds behind them', async () => {
    const lines = Array.from({ length: 1_500 }, (_, i) => `a${i}:`);
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const request = ask(...lines, ...USUAL, 'X-Forwarded-For: 203.0.113.7');
    let answer = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => (answer = Buffer.concat([answer, bytes])));
    const args = { username: 'root', password: '' };
    socket.write(request, 'latin1');
    socket.write(text(JSON.stringify({ namespace: 'rpc', name: 'auth', id: 1, args })));
    await vi.waitUntil(() => answer.includes('"id":1'), 20_000); // a refusal takes its time
    expect(answer.toString('latin1')).toContain('"code":13');
    socket.destroy();
  });

  it('T6: may have frames right behind it', async () => {
    const client = await open('/socket', Buffer.concat([call('early'), ping('x')]));
    await client.until(() => client.received.length === 2);
    expect(client.texts[0]).toContain('"id":"early"');
  });
});

describe('a client that says nothing more', () => {
  it('T2: but hangs up its half is answered all that it had asked', async () => {
    const client = await open();
    client.socket.end(Buffer.concat(Array.from({ length: 500 }, (_, id) => call(id))));
    await client.ended;
    expect(client.texts).toHaveLength(500);
  });

  it('T6: never answers a close frame and is let go of when it hangs up', async () => {
    const client = await open();
    client.send(frame({ opcode: 3 }));
    await client.until(() => client.closeCode === 1_002);
    client.socket.end();
    await vi.waitUntil(() => client.socket.destroyed);
  });
});
