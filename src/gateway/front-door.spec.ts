import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FrontDoor, readUpgrade } from './front-door.js';

interface Taken {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly head: string;
}

let server: Server;
let taken: Taken[];
/** Those that the HTTP server got to see, which it does not keep from the front door's taker. */
let passed: Taken[];
const clients: Socket[] = [];

beforeEach(async () => {
  [taken, passed] = [[], []];
  server = createServer((_, response) => response.writeHead(426).end());
  new FrontDoor(server, ({ url, headers }, socket, head) => {
    taken.push({ url, headers, head: head.toString() });
    socket.end('taken');
  });
  server.on('upgrade', ({ url, headers }, socket, head) => {
    passed.push({ url, headers, head: head.toString() });
    socket.end('passed');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await new Promise((resolve) => server.close(resolve));
  vi.useRealTimers();
});

function dial(): Socket {
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => undefined);
  client.setNoDelay(true);
  clients.push(client);
  return client;
}

/** What the server answers to these pieces, each of which it has read before the next is sent. */
async function answerTo(...pieces: readonly string[]): Promise<string> {
  const client = dial();
  let answer = '';
  client.on('data', (bytes: Buffer) => (answer += bytes.toString()));
  for (const [index, piece] of pieces.entries()) {
    const accepted = index === 0 ? once(server, 'connection') : null;
    client.write(piece, 'latin1');
    const [socket] = ((await accepted) ?? []) as [Socket?];
    if (socket !== undefined && pieces.length > 1) {
      await vi.waitUntil(() => socket.bytesRead > 0);
    }
  }
  await once(client, 'close');
  return answer;
}

const USUAL = [
  'Host: nas:5000',
  'Upgrade: websocket',
  'Connection: keep-alive, Upgrade',
  'Sec-WebSocket-Version: 13',
];
const ask = (lines: readonly string[] = USUAL, first = 'GET /socket?a=b HTTP/1.1'): string =>
  `${[first, ...lines].join('\r\n')}\r\n\r\n`;

describe('the front door', () => {
  it('takes who asks for a WebSocket in one go, and hands on what came behind', async () => {
    expect(await answerTo(`${ask()}frames`)).toBe('taken');
    expect(taken).toMatchObject([{ url: '/socket?a=b', head: 'frames' }]);
    expect(taken[0]?.headers).toEqual({
      host: 'nas:5000',
      upgrade: 'websocket',
      connection: 'keep-alive, Upgrade',
      'sec-websocket-version': '13',
    });
  });

  it.each([1, 5, 30, ask().length - 1])(
    'passes on a request that is cut behind byte %i, and loses nothing of it',
    async (at) => {
      const text = `${ask()}frames`;
      expect(await answerTo(text.slice(0, at), text.slice(at))).toBe('passed');
      expect(passed).toMatchObject([{ url: '/socket?a=b', head: 'frames' }]);
      expect(taken).toEqual([]);
    },
  );

  it.each<[string, string, string]>([
    ['a plain request', ask(['Host: nas', 'Connection: close']), 'HTTP/1.1 426'],
    ['a request without a host', ask(USUAL.slice(1)), 'passed'],
    ['a header twice', ask([...USUAL, 'Sec-WebSocket-Version: 13']), 'passed'],
    ['a header that is folded', ask([...USUAL, 'X: a', ' b']), 'HTTP/1.1 400'],
    ['a header with a space before the colon', ask([...USUAL, 'X : a']), 'HTTP/1.1 400'],
    ['a header in another alphabet', ask([...USUAL, 'X: \xe4']), 'passed'],
    ['a line that ends in LF alone', ask([...USUAL, 'X: a\nY: b']), 'HTTP/1.1 400'],
    ['another version of HTTP', ask(USUAL, 'GET / HTTP/1.0'), 'passed'],
    ['no request at all', '\x16\x03\x01\x02\r\n\r\n', 'HTTP/1.1 400'],
  ])('leaves %s to the HTTP server', async (_, text, answer) => {
    expect(await answerTo(text)).toMatch(new RegExp(`^${answer}`));
    expect(taken).toEqual([]);
  });

  it('leaves who says nothing to the patience of the HTTP server', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const patient = createServer();
    patient.removeAllListeners('connection');
    const serve = vi.fn<(socket: Socket) => void>();
    patient.on('connection', serve);
    new FrontDoor(patient, () => undefined);
    patient.listen(0, '127.0.0.1');
    await once(patient, 'listening');
    const client = connect({ port: (patient.address() as AddressInfo).port, host: '127.0.0.1' });
    clients.push(client);
    await once(patient, 'connection');
    vi.advanceTimersByTime(1_000);
    expect(serve).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(serve).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(5_000);
    expect(serve).toHaveBeenCalledOnce();
    serve.mock.calls[0]?.[0].destroy();
    await new Promise((resolve) => patient.close(resolve));
  });

  it('survives clients that are gone before they said a word, or reset', async () => {
    const accepted = once(server, 'connection');
    const client = dial();
    const [socket] = (await accepted) as [Socket];
    client.resetAndDestroy();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(await answerTo(ask())).toBe('taken');
  });

  it('reads what it takes as Node does', async () => {
    const name = fc.stringMatching(/^[A-Za-z][0-9A-Za-z-]{0,12}$/);
    const value = fc.stringMatching(/^[\t -~]{0,20}$/);
    const extra = fc.uniqueArray(fc.tuple(name, value), {
      maxLength: 5,
      selector: ([key]) => key.toLowerCase(),
    });
    await fc.assert(
      fc.asyncProperty(extra, async (pairs) => {
        const text = ask([...USUAL, ...pairs.map(([key, its]) => `${key}:${its}`)]);
        const read = readUpgrade(Buffer.from(text));
        if (read === null) return; // one of those that say something about a body, or come twice
        const plain = createServer();
        const asked = once(plain, 'upgrade');
        plain.listen(0, '127.0.0.1');
        await once(plain, 'listening');
        const client = connect({ port: (plain.address() as AddressInfo).port, host: '127.0.0.1' });
        client.write(text);
        const [{ url, headers }, socket] = (await asked) as [Taken, Socket];
        expect(read).toMatchObject({ url });
        expect(read.headers).toEqual(headers);
        socket.destroy();
        client.destroy();
        await new Promise((resolve) => plain.close(resolve));
      }),
      { numRuns: 50 },
    );
  });
});
