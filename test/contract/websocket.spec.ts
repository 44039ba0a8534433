import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Op, RawWebSocket, type ReceivedFrame } from '../support/raw-web-socket.js';
import { ServerProcess } from '../support/server-process.js';
import { CASES, type WebSocketCase } from './websocket.cases.js';

const AT_ONCE = 8;

/** In words: see the cases. */
function worded({ opcode, payload }: ReceivedFrame): string {
  if (opcode === Op.pong) return `pong ${payload.toString('latin1')}`;
  if (opcode === Op.close) {
    return `close ${payload.length < 2 ? 1_005 : payload.readUInt16BE(0)}`;
  }
  const { id, args } = JSON.parse(payload.toString()) as { id: string | null; args: unknown };
  if (id !== null) return `echo ${Buffer.byteLength(id)}`;
  expect(args).toMatchObject({ code: 22, message: 'Request is not valid JSON' });
  return 'fault';
}

async function play(url: string, { send, isLoggedIn = false }: WebSocketCase): Promise<string[]> {
  const client = await RawWebSocket.open(url);
  try {
    if (isLoggedIn) await client.logIn();
    for (const [i, piece] of send.entries()) {
      client.send(piece);
      // the server reads most pieces by themselves, without a test of thousands taking for ever
      if (i < 300) await new Promise(setImmediate);
    }
    const end = await client.ended;
    expect(end).toBe('end');
    return client.received.filter(({ opcode }) => opcode !== Op.ping).map(worded);
  } finally {
    client.destroy();
  }
}

/** Pings are answered at once, calls at the end of the turn: each has an order of its own. */
const inOrder = (outcome: readonly string[]): string[] => [
  ...outcome.filter((each) => each.startsWith('pong')),
  ...outcome.filter((each) => !each.startsWith('pong')),
];

describe.each([
  ['', true, CASES],
  // what is large takes the same way with it and without
  [' without the fast path', false, CASES.filter(({ id }) => !id.startsWith('9.'))],
])('the socket as RFC 6455 has it%s', (_, isFast, cases) => {
  let server: ServerProcess;
  const outcomes = new Map<string, Promise<string[]>>();

  beforeAll(async () => {
    server = await ServerProcess.start({
      dispatcher: { 'websocket-fast-path': isFast, 'shipped-plugins': false, frontend: false },
    });
    const queue = [...cases];
    const settle = new Map<string, (outcome: Promise<string[]>) => void>();
    for (const { id } of cases) {
      outcomes.set(id, new Promise((resolve) => settle.set(id, resolve)));
    }
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const outcome = play(server.url, next);
        settle.get(next.id)?.(outcome);
        await outcome.catch(() => undefined);
      }
    };
    for (let i = 0; i < AT_ONCE; i += 1) void worker();
  });
  afterAll(() => server.stop());

  it.each(cases.map((each): [string, string, WebSocketCase] => [each.id, each.what, each]))(
    '%s: %s',
    async (id, _what, { outcome }) => {
      expect(inOrder((await outcomes.get(id)) ?? [])).toEqual(inOrder(outcome));
    },
    60_000,
  );
});
