import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { JsonRpcClient } from '../support/json-rpc-client.js';
import { PlainClient } from '../support/plain-client.js';
import { frame, Op, RawWebSocket, text } from '../support/raw-web-socket.js';
import { ServerProcess } from '../support/server-process.js';

let server: ServerProcess;
let other: PlainClient;
const opened: { destroy(): void }[] = [];

beforeAll(async () => {
  server = await ServerProcess.start({ dispatcher: { 'shipped-plugins': false } });
  other = await PlainClient.loggedIn(server.url);
});
afterEach(async () => {
  for (const client of opened.splice(0)) client.destroy();
  expect(await other.result('management.ping')).toBe('pong');
  other.received.length = 0;
});
afterAll(() => server.stop());

async function connect(): Promise<PlainClient> {
  const client = await PlainClient.connect(server.url);
  opened.push({ destroy: () => client.socket.terminate() });
  return client;
}

async function connectRaw(): Promise<RawWebSocket> {
  const client = await RawWebSocket.open(server.url);
  opened.push(client);
  return client;
}

async function connectJsonRpc(): Promise<JsonRpcClient> {
  const client = await JsonRpcClient.connect(new URL('/jsonrpc', server.url).href);
  opened.push({ destroy: () => client.socket.terminate() });
  await client.request('auth.login', { username: 'root', password: '' });
  return client;
}

/** How many calls of another client were answered, one behind the other, while `work` went on. */
async function servedMeanwhile(work: Promise<unknown>): Promise<number> {
  let served = 0;
  const state = { isDone: false };
  const working = work.finally(() => {
    state.isDone = true;
  });
  for (; !state.isDone; served += 1) await other.result('management.ping');
  await working;
  return served;
}

describe('a login', () => {
  it.each(['\ud800', 'a\udc00b', 'a\0b'])('A1: with the text %j is malformed', async (bad) => {
    const client = await connect();
    const root = { username: 'root', password: '' };
    const tries: [string, object][] = [
      ['auth', { ...root, resource: bad }],
      ['auth', { ...root, username: bad }],
      ['auth_token', { token: bad }],
      ['auth_token', { token: 'x', resource: bad }],
      ['auth_service', { name: bad }],
    ];
    for (const [name, args] of tries) {
      const { args: error } = await client.request('rpc', name, args);
      expect(error, name).toMatchObject({ code: 22 });
    }
    const resource = `a1 😀 ${JSON.stringify(bad)}`;
    const good = await client.request('rpc', 'auth', { ...root, resource });
    expect(good.name).toBe('response');
    const rows = await other.result<unknown[]>('session.query', [['resource', '=', resource]]);
    expect(rows).toHaveLength(1);
  });
});

describe('a batch of JSON-RPC', () => {
  const replays = (count: number, since: string) =>
    Array.from({ length: count }, (_, id) => ({
      jsonrpc: '2.0',
      id,
      method: 'event.replay',
      params: [['a2.big'], { since }],
    }));

  /** Ten megabytes of events, and where they begin. */
  async function filledJournal(): Promise<string> {
    const since = await other.result<string>('event.cursor');
    for (let i = 0; i < 10; i += 1) {
      other.send('events', 'event', null, { name: 'a2.big', args: { i, text: 'x'.repeat(1e6) } });
    }
    await other.settled();
    return since;
  }

  it('A2: of dear entries runs none whose answer would not fit any more', async () => {
    const since = await filledJournal();
    const client = await connectJsonRpc();
    client.send([...replays(40, since), { jsonrpc: '2.0', method: 'management.ping', id: 'p' }]);
    const answers = await client.batch(41);
    expect(answers.map(({ id }) => id)).toEqual([...Array(40).keys(), 'p']);
    const codes = answers.map(({ error }) => error?.data ?? null);
    expect(codes.slice(0, 3)).toEqual([null, null, null]);
    // refused without being run: the answer to a ping alone would have fitted
    for (const { error } of answers.slice(4)) {
      expect(JSON.stringify(error)).toMatch(/answer-bytes/);
    }
  });

  it('A2: of dear entries whose answers are small lets others have their turns', async () => {
    const since = await filledJournal();
    const client = await connectJsonRpc();
    // all masks are held against each name: dear to run, with nothing to answer
    const params = [Array.from({ length: 1_000 }, (_, i) => `a2.*${i}*x*y*z`), { since }];
    const entry = (id: number) => ({ jsonrpc: '2.0', id, method: 'event.replay', params });
    const lengths = Array.from({ length: 10 }, (_, at) => 35 + at);
    for (const length of lengths) {
      client.send(Array.from({ length }, (_, at) => entry(100 * length + at)));
    }
    const answered = Promise.all(lengths.map((length) => client.batch(length)));
    expect(await servedMeanwhile(answered)).toBeGreaterThan(lengths.length);
  });

  it('A2: of a thousand entries lets others have their turns, and keeps the order', async () => {
    const client = await connectJsonRpc();
    const method = 'management.ping';
    const lengths = Array.from({ length: 10 }, (_, at) => 991 + at);
    for (const length of lengths) {
      client.send(Array.from({ length }, (_, id) => ({ jsonrpc: '2.0', id, method })));
    }
    client.send({ jsonrpc: '2.0', id: 'behind', method });
    const served = await servedMeanwhile(client.find(({ id }) => id === 'behind'));
    const answers = await Promise.all(lengths.map((length) => client.batch(length)));
    for (const batch of answers) {
      expect(batch.map(({ id }) => id)).toEqual([...Array(batch.length).keys()]);
    }
    expect(client.received.at(-1)).toMatchObject({ id: 'behind' });
    expect(served).toBeGreaterThan(lengths.length);
  });

  it('A2: of frames that are each dear, as many as a turn has, gives way in between', async () => {
    const since = await filledJournal();
    const client = await connectRaw();
    await client.logIn();
    const masks = Array.from({ length: 1_000 }, (_, i) => `a2.*${i}*x*y*z`);
    const args = { method: 'event.replay', args: [masks, { since }] };
    const calls = Array.from({ length: 300 }, (_, id) =>
      text(JSON.stringify({ namespace: 'rpc', name: 'call', id, args })),
    );
    client.send(Buffer.concat(calls));
    const answered = client.until(() => client.texts.length === 300);
    expect(await servedMeanwhile(answered)).toBeGreaterThan(10);
    expect(client.texts.map((its) => (JSON.parse(its) as { id: number }).id)).toEqual([
      ...Array(300).keys(),
    ]);
  });
});

describe('a stranger', () => {
  const part = (payload: string, opcode: number = Op.continuation, isFinal = false) =>
    frame({ opcode, payload, isFinal });
  const closeReason = async (client: RawWebSocket) => {
    await client.ended;
    return client.closeCode;
  };

  it('A3: sends a message in 256 fragments and not in more', async () => {
    const client = await connectRaw();
    const call = JSON.stringify({ namespace: 'rpc', name: 'auth', id: 'x', args: {} }).padEnd(512);
    const pieces = Array.from({ length: 256 }, (_, i) => call.slice(2 * i, 2 * i + 2));
    const frames = pieces.map((piece, i) => part(piece, i === 0 ? Op.text : 0, i === 255));
    client.send(Buffer.concat(frames));
    await client.until(() => client.texts.length === 1);
    expect(client.texts[0]).toContain('"id":"x"');
    client.send(Buffer.concat([part('', Op.text), ...Array<Buffer>(256).fill(part('x'))]));
    expect(await closeReason(client)).toBe(1_008);
  });

  it('A3: has no more of them by pings in between, or by empty ones', async () => {
    const client = await connectRaw();
    const pair = Buffer.concat([part(''), frame({ opcode: Op.ping })]);
    client.send(Buffer.concat([part('', Op.binary), ...Array<Buffer>(256).fill(pair)]));
    expect(await closeReason(client)).toBe(1_008);
  });

  it('A3: who is logged in has thousands', async () => {
    const client = await connectRaw();
    await client.logIn();
    const call = JSON.stringify({
      namespace: 'rpc',
      name: 'call',
      id: 'x',
      args: { method: 'management.ping', args: [] },
    });
    const frames = Array.from(call, (one, i) => part(one, i === 0 ? Op.text : 0));
    client.send(Buffer.concat([...frames, part(' ', 0, true)]));
    await client.until(() => client.texts.length === 1);
    expect(client.texts[0]).toContain('pong');
  });
});

describe('who is logged in', () => {
  const root = { username: 'root', password: '' };

  it('A5: goes on with its session by its own token, which has its grace', async () => {
    const client = await connect();
    const [first] = (await client.request('rpc', 'auth', root)).args as [string];
    const id = await client.result('session.get_my_session_id');
    const since = await other.result<string>('event.cursor');
    let token = first;
    for (let i = 0; i < 20; i += 1) {
      const reply = await client.request('rpc', 'auth_token', { token });
      [token] = reply.args as [string];
    }
    expect(await client.result('session.get_my_session_id')).toBe(id);
    const masks = ['session.*', 'server.client_log*'];
    const { events } = await other.result<{ events: unknown[] }>('event.replay', masks, { since });
    expect(events).toEqual([]);
    const elsewhere = await connect();
    expect((await elsewhere.request('rpc', 'auth_token', { token: first })).name).toBe('response');
    expect(await elsewhere.result('session.get_my_session_id')).not.toBe(id);
  });

  it('A7: is not answered by who logs in after the service it called', async () => {
    const service = await connect();
    await service.request('rpc', 'auth_service', { name: 'a7' });
    await service.result('plugin.register_service', 'a7');
    await service.result('plugin.resume_service', 'a7');
    const pending = other.call('a7.any');
    const call = await service.find(({ name }) => name === 'call');
    expect((await service.request('rpc', 'auth', root)).name).toBe('response');
    service.send('rpc', 'response', call.id, 'forged');
    expect(await pending).toMatchObject({ name: 'error', args: { code: 103 } });
  });

  it('A9: publishes a thousand events at once, and not one more', async () => {
    const burst = (count: number) => {
      const event = { name: 'a9.one', args: {} };
      return { events: Array<object>(count).fill(event) };
    };
    const since = await other.result<string>('event.cursor');
    other.send('events', 'event_burst', 'good', burst(1_000));
    const refused = await other.request('events', 'event_burst', burst(1_001));
    expect(refused.args).toMatchObject({ code: 22, message: 'A burst has at most 1000 events' });
    const { events } = await other.result<{ events: unknown[] }>('event.replay', ['a9.*'], {
      since,
    });
    expect(events).toHaveLength(1_000);
  });
});
