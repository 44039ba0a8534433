import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { JsonRpcClient } from '../support/json-rpc-client.js';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

// What one frame may ask for. Each instance held the server up for seconds or ended it.
const PLUGIN = `
import { accepts, Datastore, description, Plugin, Provider, provider, query, queryArray, returns, generator, type Filter, type QueryParams } from 'dispatcher';
import { IsInt } from 'class-validator';
class Row { @IsInt() n!: number; }
const TEXT = 'x'.repeat(100_000);
@provider('work')
export class WorkProvider extends Provider {
  @description('Rows in memory') @query(Row)
  query(filter: Filter, params: QueryParams) {
    return queryArray(Array.from({ length: 500 }, (_, n) => ({ n, text: TEXT })), filter, params);
  }
  @description('Stored rows') @query(Row)
  stored(filter: Filter, params: QueryParams) { return this.datastore.query('work_rows', filter, params); }
  @description('Forty stored rows of a megabyte each') @query(Row)
  many(filter: Filter, params: QueryParams) { return this.datastore.query('work_many', filter, params); }
  @description('The same as a stream: how many come') @accepts() @returns(Number)
  async streamed() {
    let count = 0;
    for await (const row of this.datastore.queryStream('work_many', [['large', 'contains', 'x']], { sort: '-n' })) count += row === null ? 0 : 1;
    return count;
  }
  @description('The same megabyte many times') @accepts(Number) @returns(Array)
  large(times: number) { return Array.from({ length: times }, () => [TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT]); }
  @description('Large items') @accepts(Number, Number) @returns(Array) @generator()
  *items(count: number, length: number) { for (let n = 0; n < count; n += 1) yield 'y'.repeat(length); }
}
@Plugin({ schemas: [Row], providers: [WorkProvider] })
export default class {
  constructor(private readonly datastore: Datastore) {}
  async init() {
    await this.datastore.requireCollection('work_rows', { key: 'serial' });
    await this.datastore.insertMany('work_rows', Array.from({ length: 200 }, (_, n) => ({ n, text: TEXT })));
    const many = { key: 'serial', indexes: ['kind'] } as const;
    await this.datastore.requireCollection('work_many', many);
    const large = TEXT.repeat(10);
    for (let n = 0; n < 40; n += 1) await this.datastore.insert('work_many', { n, kind: n % 2, large });
  }
}
`;

let directory: string;
let server: ServerProcess;
let client: PlainClient;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-work-'));
  await writeFile(join(directory, 'work.ts'), PLUGIN);
  server = await ServerProcess.start({
    dispatcher: { 'plugin-dirs': [directory], 'shipped-plugins': false },
    nodeFlags: ['--max-old-space-size=512'],
  });
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  client = await PlainClient.loggedIn(server.url);
});
/** Whatever was refused, the connection and the server go on. */
afterEach(async () => {
  expect(await client.result('management.ping')).toBe('pong');
  await client.close();
});

const jsonRpc = async () => {
  const url = new URL('/jsonrpc', server.url);
  const rpc = await JsonRpcClient.connect(url.href);
  await rpc.request('auth.login', { username: 'root', password: '' });
  return rpc;
};
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const refused = (code: number, limit: string) => ({
  name: 'error',
  args: { code, message: expect.stringContaining(limit) as string },
});
const METHODS = ['work.query', 'work.stored', 'task.query', 'session.query'];

it('W1: a field selected 280,000 times is refused by the number of fields', async () => {
  for (const method of METHODS) {
    const answer = await client.call(method, [], { select: times(90_000, 'text') });
    expect(answer).toMatchObject(refused(22, 'query-select-fields'));
  }
});

it('W1: a large field selected as often as allowed is refused before there is any text of it', async () => {
  for (const method of ['work.query', 'work.stored']) {
    const answer = await client.call(method, [], { select: times(256, 'text') });
    expect(answer).toMatchObject(refused(75, 'answer-bytes'));
    expect(await client.result(method, [], { select: 'n', limit: 2 })).toEqual([0, 1]);
  }
});

it('W1: of large stored rows no more is held than four answers have, whoever asks at the same time', async () => {
  const small = await ServerProcess.start({
    dispatcher: {
      'plugin-dirs': [directory],
      'shipped-plugins': false,
      limits: { 'answer-bytes': 2_097_152 },
    },
    nodeFlags: ['--max-old-space-size=128'], // all that is asked for at once has 700 megabytes
  });
  const clients = await Promise.all(times(6, small.url).map((url) => PlainClient.loggedIn(url)));
  const asked = clients.flatMap((its) => [
    its.call('work.many', [], { select: 'n' }),
    its.call('work.many', [['kind', '>=', 0]], { sort: ['large', '-n'], exclude: 'large' }),
    its.call('work.many', [['large', 'contains', 'x']], { limit: 30 }),
    its.call('work.many', [['kind', '=', 0]], { limit: 6, select: 'n' }),
  ]);
  for (const [index, answer] of (await Promise.all(asked)).entries()) {
    if (index % 4 === 3) expect(answer.args).toEqual([0, 2, 4, 6, 8, 10]);
    else expect(answer).toMatchObject(refused(75, 'more than 8388608 bytes'));
  }
  expect(await clients[0]?.result('work.streamed')).toBe(40);
  await small.stop();
});

it('W1: an answer of a method, and of a batch of JSON-RPC, is bounded', async () => {
  expect(await client.call('work.large', 5_000)).toMatchObject(refused(75, 'answer-bytes'));
  expect(await client.result('work.large', 2)).toHaveLength(2);
  const rpc = await jsonRpc();
  const batch = times(12, null).map((_, id) => ({
    jsonrpc: '2.0',
    id: `large-${id}`,
    method: 'work.large',
    params: [6],
  }));
  rpc.send(batch);
  const answers = await rpc.batch(12);
  expect(answers).toHaveLength(12);
  const failed = answers.flatMap(
    ({ error }) => (error?.data as { name: string } | undefined)?.name ?? [],
  );
  expect(failed.length).toBeGreaterThanOrEqual(6);
  expect(new Set(failed)).toEqual(new Set(['EOVERFLOW']));
  await rpc.close();
});

it('W1: a fragment is bounded: fewer items go into it, and one that fits in none ends the stream', async () => {
  await client.result('management.enable_features', ['streaming_responses']);
  const first = await client.call('work.items', 16, 1_500_000);
  expect(first).toMatchObject({ name: 'fragment', args: { seqno: 1 } });
  expect((first.args as { fragment: unknown[] }).fragment).toHaveLength(2);
  expect(await client.call('work.items', 1, 5_000_000)).toMatchObject(
    refused(75, 'fragment-bytes'),
  );
});

it('W2: patterns are bounded in number, in characters and in what they compile to', async () => {
  const wild = times(300, ['text', '~', '(?i)\\p{L}{1,900}z0$']);
  for (const method of METHODS) {
    expect(await client.call(method, [['or', wild]])).toMatchObject(refused(22, 'steps'));
    expect(await client.call(method, times(65, ['n', '~', 'a.']))).toMatchObject(
      refused(22, 'query-patterns'),
    );
    expect(await client.call(method, times(60, ['n', 'match', '*a'.repeat(40)]))).toMatchObject(
      refused(22, 'query-pattern-characters'),
    );
  }
  const slow = await client.call('work.query', [['text', '~', '[wx]*x[wx]{400}y?$']]);
  expect(slow).toMatchObject(refused(75, 'patterns'));
});

it('W3: conditions, values and fields to sort by are bounded, in memory as in the store', async () => {
  const deep = times(40, 0).reduce<unknown>((inner) => ['and', [inner]], ['n', '=', 1]);
  for (const method of METHODS) {
    for (const [limit, filter, params] of [
      ['query-conditions', times(1_001, ['n', '=', 1]), {}],
      ['query-conditions', [['nor', times(15_000, ['n', '=', 1])]], {}],
      ['query-values', [['n', 'in', Array.from({ length: 10_001 }, (_, n) => `t${n}`)]], {}],
      ['query-sort-fields', [], { sort: times(2_100, 'n') }],
      ['query-select-fields', [], { exclude: times(50_000, 'n') }],
      ['filter-depth', [deep], {}],
    ] as const) {
      expect(await client.call(method, filter, params)).toMatchObject(refused(22, limit));
    }
  }
});

it('W4: values of a message are counted before it is parsed, and its id is answered', async () => {
  const frames: [string, string | null][] = [
    [
      `{"namespace":"rpc","name":"call","id":"many","args":{"method":"management.enable_features","args":[[${'{},'.repeat(1_200_000)}{}]]}}`,
      'many',
    ],
    [
      `{"args":{"method":"a.b","args":[${'['.repeat(900_000)}]},"namespace":"rpc","name":"call","id":"deep"}`,
      null,
    ],
    [
      `{"args":{"method":"a.b","args":[{${Array.from({ length: 280_000 }, (_, n) => `"k${n}":0`).join()}}]},"id":"keys","namespace":"rpc","name":"call"}`,
      'keys',
    ],
    [
      `{"namespace":"events","name":"event","id":"event","args":{"name":"x","args":{"a":[${'1,'.repeat(200_000)}1]}}}`,
      'event',
    ],
  ];
  for (const [text, id] of frames) {
    const before = client.received.length;
    client.sendRaw(text);
    await client.find((frame) => client.received.indexOf(frame) >= before);
    expect(client.received[before]).toMatchObject({ name: 'error', id, args: { code: 22 } });
  }
  const rpc = await jsonRpc();
  rpc.send(`{"jsonrpc":"2.0","id":"rpc","method":"a.b","params":[${'[],'.repeat(400_000)}0]}`);
  const answer = await rpc.find(({ id }) => id === 'rpc');
  expect(answer.error?.message).toContain('frame-values');
  await rpc.close();
});

it('W4: what is not read as a message is not taken for an answer either', async () => {
  client.sendRaw(
    `{"namespace":"rpc","name":"response","id":"x","args":[${'0,'.repeat(200_000)}0]}`,
  );
  client.sendRaw(
    `{"namespace":"events","name":"event","id":null,"args":[${'0,'.repeat(200_000)}0]}`,
  );
  await client.settled();
  expect(client.received.filter(({ name }) => name === 'error')).toEqual([]);
});

it('W5: names and masks are bounded in length, masks in number', async () => {
  const long = 'n'.repeat(1_000_000);
  const ask = (name: string, args: unknown) => client.request('events', name, args);
  expect(await ask('event', { name: long, args: {} })).toMatchObject(
    refused(22, 'name-characters'),
  );
  expect(await ask('subscribe', [`${'*a'.repeat(128)}*`])).toMatchObject(
    refused(22, 'name-characters'),
  );
  expect(
    await ask(
      'subscribe',
      Array.from({ length: 1_001 }, (_, n) => `m${n}`),
    ),
  ).toMatchObject(refused(22, 'limit masks'));
  const cursor = await client.result('event.cursor');
  expect(await client.call('event.replay', [long], { since: cursor })).toMatchObject(
    refused(22, 'name-characters'),
  );
  expect(await client.call('lock.acquire', long)).toMatchObject({ name: 'error' });
  expect(await client.call('task.submit', long, [])).toMatchObject({ name: 'error' });
});
