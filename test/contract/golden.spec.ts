import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { PluginServer } from './plugin-server.js';
import { GATE_PLUGIN } from './task-plugin.js';

// The wire, byte by byte, as it was recorded: a change inside the server shows here as no change at all.
// Where a change is meant, `npx vitest run test/contract/golden.spec.ts -u` records it, and its diff is
// what clients will see.

const STREAMS = `
import { accepts, description, generator, h, Plugin, Provider, provider, returns } from 'dispatcher';
@provider('golden') export class GoldenProvider extends Provider {
  @description('Counts') @accepts(h.integer()) @returns(h.integer()) @generator()
  async *count(to) { for (let i = 0; i < to; i += 1) yield i; }
  @description('Gives back what it gets') @accepts(h.any()) @returns(h.any())
  echo(value) { return value; }
}
@Plugin({ providers: [GoldenProvider] }) export default class {}
`;

/** What differs between two runs of the same server, and why a client may not rely on it. */
const VARIABLE: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)/g, '<time>'],
  [/\b1[789]\d{8}(\.\d+)?\b/g, '<time>'],
  [/"[\w-]{43}"/g, '"<token>"'],
  [/[0-9a-f]{64}/g, '<hash>'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>'],
  [/("(?:pid|port|duration_ms|at_ms|seconds)":)[\d.]+/g, '$1<number>'],
  [/("(?:cursor|since|head)":)"[^"]*"/g, '$1"<cursor>"'],
  [/127\.0\.0\.1[:,]\d+/g, '<address>'],
  [/("\w+_ms":)\d+/g, '$1<number>'],
  [/("stacktrace":)"(?:[^"\\]|\\.)*"/g, '$1"<stack>"'],
  [/("cause":)"[0-9a-f]{32}"/g, '$1"<cause>"'],
  [/\/tmp\/[^"/]*/g, '<directory>'],
];

/** A client that writes down what it sends and gets. */
class Scribe {
  readonly lines: string[] = [];
  readonly #got: string[] = [];
  #wake = (): void => undefined;
  #ids = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      this.#got.push(data.toString());
      this.#wake();
    });
  }

  static async connect(url: string, protocol?: string): Promise<Scribe> {
    const socket = new WebSocket(url, protocol === undefined ? [] : [protocol]);
    await once(socket, 'open');
    return new Scribe(socket);
  }

  /** Sends a text and waits for that many frames. */
  async say(text: string, frames = 1): Promise<string[]> {
    this.lines.push(`> ${text}`);
    this.socket.send(text);
    while (this.#got.length < frames) await new Promise<void>((resolve) => (this.#wake = resolve));
    const got = this.#got.splice(0);
    for (const frame of got) this.lines.push(`< ${settled(frame)}`);
    return got;
  }

  frame(namespace: string, name: string, args: unknown, frames = 1): Promise<string[]> {
    this.#ids += 1;
    return this.again(namespace, name, args, frames);
  }

  /** Under the id of the frame before. */
  again(namespace: string, name: string, args: unknown, frames = 1): Promise<string[]> {
    return this.say(JSON.stringify({ namespace, name, id: `id-${this.#ids}`, args }), frames);
  }

  call(method: string, ...args: unknown[]): Promise<string[]> {
    return this.frame('rpc', 'call', { method, args });
  }

  async result<T>(method: string, ...args: unknown[]): Promise<T> {
    const [frame = ''] = await this.call(method, ...args);
    return (JSON.parse(frame) as { args: T }).args;
  }

  close(): void {
    this.socket.close();
  }

  get text(): string {
    return `${this.lines.join('\n').trim()}\n`;
  }
}

function settled(frame: string): string {
  return VARIABLE.reduce((text, [pattern, by]) => text.replace(pattern, by), frame);
}

const SURPLUS = Array.from({ length: 20 }, () => 'surplus');

let server: PluginServer;
beforeAll(async () => {
  server = await PluginServer.start({ 'gate.ts': GATE_PLUGIN, 'golden.ts': STREAMS });
});
afterAll(() => server.stop());

async function loggedIn(): Promise<Scribe> {
  const scribe = await Scribe.connect(server.process.url);
  await scribe.frame('rpc', 'auth', { username: 'root', password: '' });
  return scribe;
}

describe('the wire is as it was', () => {
  it('for strangers and for frames that are none', async () => {
    const scribe = await Scribe.connect(server.process.url);
    for (const text of ['', '{', '[]', '7', 'null', '"x"', '{"namespace":"rpc"}']) {
      await scribe.say(text);
    }
    await scribe.frame('rpc', 'sing', {});
    await scribe.frame('rpc', 'call', { method: 'management.ping', args: [] });
    await scribe.frame('rpc', 'auth', { username: 'nobody', password: 'wrong' });
    await scribe.frame('rpc', 'auth_token', { token: 'none' });
    await scribe.frame('events', 'subscribe', ['*']);
    scribe.close();
    await expect(scribe.text).toMatchFileSnapshot('golden/strangers.txt');
  });

  it('for discovery, and for arguments that no method takes', async () => {
    const scribe = await loggedIn();
    const services = await scribe.result<string[]>('discovery.get_services');
    const methods: string[] = [];
    for (const service of services) {
      const rows = await scribe.result<{ name: string }[]>('discovery.get_methods', service);
      methods.push(...rows.map(({ name }) => `${service}.${name}`));
    }
    await scribe.call('discovery.get_tasks');
    await scribe.call('discovery.get_event_types');
    await scribe.call('discovery.get_schema');
    for (const method of methods) await scribe.call(method, ...SURPLUS);
    scribe.close();
    await expect(scribe.text).toMatchFileSnapshot('golden/discovery.txt');
  });

  it('for calls, streams and events', async () => {
    const scribe = await loggedIn();
    await scribe.call('management.enable_features', ['streaming_responses']);
    for (const value of [null, -0, 1.5, '𝄞', { $binary: 'AAAA' }, { $long: '9007199254740993' }]) {
      await scribe.call('golden.echo', value);
    }
    await scribe.frame('rpc', 'call', { method: 'golden.count', args: [2] });
    await scribe.again('rpc', 'continue', 2, 2);
    await scribe.again('rpc', 'continue', 3);
    await scribe.frame('rpc', 'call', { method: 'golden.count', args: [-1] }, 2);
    await scribe.call('golden.nothing');
    await scribe.frame('events', 'subscribe', ['golden.*'], 0);
    await scribe.frame('events', 'event', { name: 'golden.happened', args: { n: 1 } }, 1);
    await scribe.frame('events', 'event_burst', {
      events: [{ name: 'golden.happened', args: { n: 2 } }],
    });
    await scribe.call('event.get_my_subscriptions');
    scribe.close();
    await expect(scribe.text).toMatchFileSnapshot('golden/calls.txt');
  });

  it('for tasks', async () => {
    const scribe = await loggedIn();
    const wait = (id: number) => scribe.call('task.wait', id);
    const endings: [string, unknown[]][] = [
      ['gate.act', ['return', 'done']],
      ['gate.act', ['verify-throws', 1]],
      ['gate.act', ['verify-many', 1]],
      ['gate.act', ['throw-task', 'x']],
    ];
    for (const [name, args] of endings) {
      const id = await scribe.result<number>('task.submit', name, args);
      await wait(id);
      await scribe.call('task.status', id);
      await scribe.call('task.explain', id);
    }
    await scribe.call('task.plan', 'gate.act', ['claim', 'root']);
    await scribe.call('task.submit', 'gate.none', []);
    const held = await scribe.result<number>('task.submit', 'gate.hold', ['golden', []]);
    await scribe.call('task.abort', held);
    await wait(held);
    await scribe.call('task.query', [], { sort: ['id'] });
    scribe.close();
    await expect(scribe.text).toMatchFileSnapshot('golden/tasks.txt');
  });
});
