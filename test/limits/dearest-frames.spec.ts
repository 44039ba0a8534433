import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

// No frame within the limits costs more than this of the thread that serves everybody: what counts is
// the thread's own time, and the best of five turns.
const MAX_CPU_MS = 100;
const TURNS = 5;
/**
 * What it takes this very core to parse the widest object that a frame may hold, when nothing else
 * runs. Where it takes longer now, because the machine is slower or shares its cores, so may the rest.
 */
const REFERENCE_MS = 25;
const NEVER_CALLED = new Set(['management.shutdown', 'auth.logout']);
const USERS = ['reader', 'operator'] as const;

interface Method {
  readonly method: string;
  readonly parameters: number;
  readonly isQuery: boolean;
}

interface Dear {
  readonly what: string;
  readonly cpuMs: number;
  readonly pingMs: number;
}

const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const repeated = (text: string, count: number): string => times(count, text).join();

/** JSON texts of a value that is as wide, deep, long or crowded as a frame may hold, by name. */
const SHAPES: Readonly<Record<string, string>> = {
  'an array of numbers': `[${repeated('1', 99_000)}]`,
  'an array of objects': `[${repeated('{}', 99_000)}]`,
  'an array of texts': `[${repeated('"0123456789012345678901234567890"', 99_000)}]`,
  'an object of many keys': `{${Array.from({ length: 49_900 }, (_, n) => `"key${n}":${n}`).join()}}`,
  'nested arrays': `${'['.repeat(990)}${']'.repeat(990)}`,
  'many nested objects': `[${repeated(`${'{"a":'.repeat(95)}1${'}'.repeat(95)}`, 500)}]`,
  'a long text': `"${'x'.repeat(4_000_000)}"`,
  'a text of escapes': `"${'\\u0001'.repeat(680_000)}"`,
  'a text of other scripts': `"${'\u6587'.repeat(1_300_000)}"`,
  'extended values': `[${repeated('{"$date":"2024-01-01T00:00:00Z"}', 33_000)}]`,
  'too many values': `[${repeated('{}', 1_300_000)}]`,
  'endless nesting': '['.repeat(4_000_000),
};

/** Filter and params, the dearest that are within the limits. */
const QUERIES: Readonly<Record<string, readonly [filter: unknown, params: unknown]>> = {
  'a thousand conditions': [times(1_000, ['name', '!=', 'x']), {}],
  'ten thousand values': [
    [['name', 'nin', Array.from({ length: 10_000 }, (_, n) => ({ n })).slice(0, 5_000)]],
    {},
  ],
  'long patterns': [[['or', times(64, ['command', '~', 'x'.repeat(64)])]], {}],
  'patterns that compile to much': [
    [['or', Array.from({ length: 8 }, (_, n) => ['command', '~', `[a-z/]{1,${240 + n}}!$`])]],
    {},
  ],
  'classes of Unicode': [
    [['or', Array.from({ length: 5 }, (_, n) => ['name', '~', `(?i)[B-\\x{1e94${n}}]!`])]],
    {},
  ],
  'a slow pattern': [[['command', '~', '[a-z/. -]*a[a-z/. -]{400}!?$']], {}],
  'globs of stars': [[['or', times(32, ['command', 'match', `${'*a'.repeat(63)}*`])]], {}],
  'sixteen fields to sort by': [[], { sort: Array.from({ length: 16 }, (_, n) => `f${n}`) }],
  'fields to select': [[], { select: times(256, 'command') }],
  'fields to exclude': [[], { exclude: Array.from({ length: 256 }, (_, n) => `command.${n}`) }],
  'a long text to look for': [[['command', 'contains', 'x'.repeat(4_000)]], {}],
  'too many conditions': [times(24_000, ['name', '=', 1]), {}],
  'too many patterns': [[['or', times(300, ['name', '~', '(?i)\\p{L}{1,900}z0$'])]], {}],
};

let server: ServerProcess;
let methods: readonly Method[];
let other: PlainClient;

beforeAll(async () => {
  server = await ServerProcess.start({
    dispatcher: { limits: { 'failed-logins-per-minute': 1_000 } },
  });
  other = await PlainClient.loggedIn(server.url);
  for (const role of USERS) {
    await other.result('account.create', { username: role, password: PASSWORD, roles: [role] });
  }
  methods = await listMethods(other);
});
afterAll(() => server.stop());

const PASSWORD = { $password: 'correct horse' };

async function listMethods(client: PlainClient): Promise<Method[]> {
  const all: Method[] = [];
  for (const service of await client.result<string[]>('discovery.get_services')) {
    const listed = await client.result<
      { name: string; parameters: string[] | null; 'params-schema'?: { items: unknown[] } }[]
    >('discovery.get_methods', service);
    for (const { name, parameters, ...method } of listed) {
      const isQuery = parameters?.[0] === 'filter' && parameters[1] === 'params';
      const count = method['params-schema']?.items.length ?? 1;
      all.push({ method: `${service}.${name}`, parameters: count, isQuery });
    }
  }
  return all.filter(({ method }) => !NEVER_CALLED.has(method));
}

/** Milliseconds that the server's main thread has been at work. */
async function cpuMs(): Promise<number> {
  const text = await readFile(`/proc/${server.pid}/task/${server.pid}/schedstat`, 'utf8');
  return Number(text.split(' ', 1)[0]) / 1e6;
}

async function pingMs(): Promise<number> {
  const startMs = performance.now();
  await other.result('management.ping');
  return performance.now() - startMs;
}

/** How much slower than the reference this machine is now; never less than 1. */
function slowness(): number {
  const text = SHAPES['an object of many keys']!;
  let best = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 3; turn += 1) {
    const before = process.cpuUsage();
    JSON.parse(text);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1_000);
  }
  return Math.max(1, best / REFERENCE_MS);
}

let lastId = 0;
async function costOf(
  client: PlainClient,
  what: string,
  frame: (id: string) => string,
): Promise<Dear> {
  let best: Dear = { what, cpuMs: Number.POSITIVE_INFINITY, pingMs: Number.POSITIVE_INFINITY };
  for (let turn = 0; turn < TURNS && best.cpuMs > MAX_CPU_MS; turn += 1) {
    const scale = turn === 0 ? 1 : slowness(); // whoever is within the bound at once is
    const id = `dear-${(lastId += 1)}`;
    const text = frame(id);
    const before = await cpuMs();
    client.sendRaw(text);
    const ping = pingMs();
    await client.find((answer) => answer.id === id || answer.id === null);
    const [waitedMs, after] = [await ping, await cpuMs()];
    client.received.length = 0;
    other.received.length = 0;
    best = {
      what,
      cpuMs: Math.min(best.cpuMs, (after - before) / scale),
      pingMs: Math.min(best.pingMs, waitedMs),
    };
  }
  return best;
}

function callText(id: string, method: string, args: string): string {
  return `{"namespace":"rpc","name":"call","id":"${id}","args":{"method":"${method}","args":${args}}}`;
}

async function login(username: string): Promise<PlainClient> {
  const client = await PlainClient.connect(server.url);
  if (username === 'anonymous') return client;
  const args = { username, password: PASSWORD.$password, check_password: true };
  const answer = await client.request('rpc', 'auth', args);
  expect(answer.name).toBe('response');
  return client;
}

/** The dearest of them, for whoever wants to know; those past the bound fail the test. */
function judge(costs: readonly Dear[], idleMs: number): void {
  const dearest = costs.toSorted((a, b) => b.cpuMs - a.cpuMs);
  console.log(
    dearest
      .slice(0, 8)
      .map(
        ({ what, cpuMs: cpu, pingMs: ping }) =>
          `${cpu.toFixed(0)} ms (ping ${ping.toFixed(0)}): ${what}`,
      )
      .join('\n'),
  );
  expect(dearest.filter(({ cpuMs: cpu }) => cpu > MAX_CPU_MS)).toEqual([]);
  // A frame is read in one go: a ping right behind it waits for that, and for no more.
  const pings = costs.map(({ pingMs: ping }) => ping).sort((a, b) => a - b);
  const median = pings[Math.floor(pings.length / 2)] ?? 0;
  expect(median / slowness()).toBeLessThan(MAX_CPU_MS + 10 * idleMs);
}

async function idlePingMs(): Promise<number> {
  const pings: number[] = [];
  for (let n = 0; n < 20; n += 1) pings.push(await pingMs());
  return pings.sort((a, b) => a - b)[10] ?? 0;
}

describe.each(USERS)('of the dearest frames of a %s none holds up the others', (role) => {
  it('whatever method is given whatever value', async () => {
    const client = await login(role);
    const idleMs = await idlePingMs();
    const costs: Dear[] = [];
    const names = Object.keys(SHAPES);
    const turn = USERS.indexOf(role);
    // each method with some of the shapes, and so each shape with many of the methods
    for (const [at, { method, parameters }] of methods.entries()) {
      const shape = names[(at + turn) % names.length]!;
      const value = SHAPES[shape]!;
      const others = times(Math.max(0, parameters - 1), '"x"');
      // as the first of its arguments, or as all of them
      const args = (at >> 2) % 2 === 0 ? `[${[value, ...others].join()}]` : value;
      const what = `${method} with ${shape}`;
      costs.push(await costOf(client, what, (id) => callText(id, method, args)));
    }
    judge(costs, idleMs);
    await client.close();
  }, 240_000);

  it('whatever is asked of what can be queried', async () => {
    const client = await login(role);
    const idleMs = await idlePingMs();
    const costs: Dear[] = [];
    for (const { method } of methods.filter(({ isQuery }) => isQuery)) {
      for (const [what, query] of Object.entries(QUERIES)) {
        const args = JSON.stringify(query);
        costs.push(
          await costOf(client, `${method} with ${what}`, (id) => callText(id, method, args)),
        );
      }
    }
    judge(costs, idleMs);
    await client.close();
  }, 240_000);
});

it('of the dearest frames of a stranger none holds up the others', async () => {
  const idleMs = await idlePingMs();
  const costs: Dear[] = [];
  const small = ['['.repeat(7_900), `[${repeated('{}', 2_600)}]`, `"${'\\u0001'.repeat(1_300)}"`];
  for (const { method } of methods.slice(0, 20)) {
    const client = await login('anonymous'); // a few faulty frames are all that one may send
    for (const value of small) {
      costs.push(await costOf(client, method, (id) => callText(id, method, `[${value}]`)));
    }
    await client.close();
  }
  judge(costs, idleMs);
});
