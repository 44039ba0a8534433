import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { MetricsPage } from '../support/metrics-page.js';
import type { PlainClient, WireFrame } from '../support/plain-client.js';

const PLUGIN = `
import { accepts, Errno, Plugin, Provider, provider, returns, RpcException, Task, task } from 'dispatcher';

@provider('work')
export class WorkProvider extends Provider {
  @accepts(String) @returns(String)
  async deep(text: string) {
    await new Promise((resolve) => setImmediate(resolve));
    this.logger.warn('About to work', { text });
    return this.dispatcher.callSync('work.shallow', text);
  }

  @accepts(String) @returns(String)
  shallow(text: string) {
    this.dispatcher.emitEvent('work.done', { text });
    return text;
  }

  @accepts(String) @returns(Number)
  order(text: string) {
    this.logger.warn('An order', { text });
    return this.dispatcher.submitTask('work.whole', text);
  }

  @accepts() refuse() { throw new RpcException(Errno.EBUSY, 'Not now'); }
}

@task('work.whole') @accepts(String)
export class WholeTask extends Task {
  verify() { return ['system']; }
  async run(text: string) {
    this.logger.warn('The whole', { text });
    await this.joinSubtasks(this.runSubtask('work.part', text));
  }
}

@task('work.part') @accepts(String)
export class PartTask extends Task {
  verify() { return []; }
  async run(text: string) {
    await new Promise((resolve) => setImmediate(resolve));
    this.logger.warn('The part', { text });
    this.dispatcher.emitEvent('work.done', { text });
  }
}

@task('work.spoilt') @accepts()
export class SpoiltTask extends Task {
  verify() { return []; }
  run() { throw new RpcException(Errno.EIO, 'The disk is gone'); }
}

@Plugin({ providers: [WorkProvider, WholeTask, PartTask, SpoiltTask] })
export default class WorkPlugin {
  constructor(private readonly dispatcher: Dispatcher, private readonly logger: Logger) {}
  init() {
    this.dispatcher.registerEventHandler('work.done', async ({ text }) => {
      await null;
      this.logger.warn('Heard of it', { text });
    });
  }
}
import { Dispatcher, Logger } from 'dispatcher';
`;

let server: PluginServer;
let debug: string;

beforeAll(async () => {
  server = await PluginServer.start(
    { 'work.ts': PLUGIN },
    { dispatcher: { frontend: true, 'websocket-address': '127.0.0.1' } },
  );
  debug = /http:\/\/[^)]+/.exec(server.process.readyLine)?.[0] ?? '';
});
afterAll(() => server.stop());

const repeat = async (times: number, work: () => Promise<unknown>): Promise<void> => {
  await Promise.all(Array.from({ length: times }, work));
};

/** What a series grew by while `work` was done. */
async function growth(
  work: () => Promise<void>,
): Promise<(name: string, labels?: Record<string, string>) => number> {
  const before = await MetricsPage.of(debug);
  await work();
  const after = await MetricsPage.of(debug);
  return (name, labels) => after.number(name, labels) - before.number(name, labels);
}

describe('the metrics of a busy server', () => {
  it('count exactly what clients sent and got', async () => {
    const clients = [await server.admin(), await server.admin(), await server.admin()];
    const grown = await growth(async () => {
      await Promise.all(
        clients.map(async (client) => {
          client.send('events', 'subscribe', null, ['work.done']);
          await repeat(200, () => client.call('work.shallow', 'x'));
          await repeat(50, () => client.call('work.refuse'));
          await repeat(40, () => client.call('work.shallow', 5));
          await repeat(30, () => client.call('work.made_up'));
          await repeat(20, () => client.call('made.up'));
        }),
      );
    });
    const method = (name: string): Record<string, string> => ({ method: `work.${name}` });
    expect(grown('dispatcher_calls_total', method('shallow'))).toBe(720);
    expect(grown('dispatcher_call_duration_seconds_count', method('shallow'))).toBe(720);
    expect(grown('dispatcher_call_errors_total', { ...method('shallow'), error: 'EINVAL' })).toBe(
      120,
    );
    expect(grown('dispatcher_call_errors_total', { ...method('refuse'), error: 'EBUSY' })).toBe(
      150,
    );
    expect(grown('dispatcher_calls_refused_total', { error: 'ENOENT' })).toBe(150);
    const received = clients
      .flatMap(({ received: frames }) => frames)
      .filter(({ namespace, name }) => namespace === 'events' && name === 'event');
    expect(grown('dispatcher_events_published_total')).toBe(600);
    expect(grown('dispatcher_events_delivered_total')).toBe(received.length);
  });

  it('count tasks by what they are and how they end', async () => {
    const client = await server.admin();
    const grown = await growth(async () => {
      const ids = await Promise.all([
        ...Array.from({ length: 4 }, () => client.result('task.submit', 'work.whole', ['x'])),
        ...Array.from({ length: 3 }, () => client.result('task.submit', 'work.spoilt', [])),
      ]);
      for (const id of ids) await client.result('task.wait', id);
    });
    const ended = (task: string, state: string): number =>
      grown('dispatcher_tasks_ended_total', { task, state });
    expect(ended('work.whole', 'FINISHED')).toBe(4);
    expect(ended('work.part', 'FINISHED')).toBe(4);
    expect(ended('work.spoilt', 'FAILED')).toBe(3);
    const page = await MetricsPage.of(debug);
    expect(page.values('dispatcher_tasks', 'task')).toEqual([]);
    expect(page.number('dispatcher_task_claims', { state: 'held' })).toBe(0);
    expect(page.number('dispatcher_executors', { state: 'executing' })).toBe(0);
  });

  it('show who is there, and know nothing of names that clients make up', async () => {
    const page = await MetricsPage.of(debug);
    expect(page.number('dispatcher_connections', { kind: 'user' })).toBe(4);
    expect(page.number('dispatcher_subscriptions')).toBe(3);
    expect(page.number('dispatcher_plugins', { state: 'loaded' })).toBeGreaterThan(1);
    expect(page.number('dispatcher_datastore_flushes_total')).toBeGreaterThan(0);
    expect(page.number('dispatcher_named_locks')).toBe(0);
    expect(page.text).not.toContain('made');
    expect(page.names.filter((name) => page.typeOf(name) === 'UNTYPED')).toEqual([]);
  });

  it('are for this machine, and for whoever is logged in where a proxy speaks for a peer', async () => {
    const client = await server.stranger();
    const login = await client.request('rpc', 'auth', { username: 'root', password: '' });
    const [token] = login.args as [string];
    const status = async (headers: Record<string, string>): Promise<number> =>
      (
        await fetch(`${debug}/metrics`, {
          headers: { 'X-Forwarded-For': '203.0.113.5', ...headers },
        })
      ).status;
    expect(await status({})).toBe(401);
    expect(await status({ Authorization: `Bearer ${token}` })).toBe(200);
  });
});

describe('one cause', () => {
  it('runs through a call, the calls it makes, their events, who hears of them, and the log', async () => {
    const client = await server.admin();
    client.send('events', 'subscribe', null, ['work.done']);
    await client.result('work.deep', 'first');
    await client.result('work.deep', 'second');
    const cause = (await eventOf(client, 'first')).cause;
    expect(cause).toMatch(/^[0-9a-f]{32}$/);
    expect((await eventOf(client, 'second')).cause).not.toBe(cause);

    const lines = await linesOf('first', 2);
    expect(lines.map(({ msg }) => msg)).toEqual(['About to work', 'Heard of it']);
    expect(lines.map((line) => line['cause'])).toEqual([cause, cause]);
  });
});

describe('a task', () => {
  it('and its parts are done because of the call that submitted it', async () => {
    const client = await server.admin();
    client.send('events', 'subscribe', null, ['work.done', 'task.created', 'task.updated']);
    const id = await client.result<number>('work.order', 'task');
    await client.result('task.wait', id);
    const { cause } = await client.result<{ cause: string }>('task.status', id);
    expect((await eventOf(client, 'task')).cause).toBe(cause);
    const parts = await client.result<{ cause: string }[]>('task.query', [['parent', '=', id]]);
    expect(parts.map((part) => part.cause)).toEqual([cause]);

    const said = await linesOf('task', 4);
    expect(said.map(({ msg }) => msg)).toEqual([
      'An order',
      'The whole',
      'The part',
      'Heard of it',
    ]);
    expect(new Set(said.map((line) => line['cause']))).toEqual(new Set([cause]));

    const told = client.received.flatMap(({ name, args }) =>
      name === 'event' && (args as { args: { id?: number } }).args.id === id ? [args] : [],
    );
    expect(told.map((args) => (args as { name: string }).name)).toContain('task.created');
    expect(new Set(told.map((args) => (args as { cause: string }).cause))).toEqual(
      new Set([cause]),
    );
  });
});

/** The log lines about a text, once there are so many. */
function linesOf(wanted: string, count: number): Promise<readonly Record<string, unknown>[]> {
  return vi.waitUntil(() => {
    const found = server.process.log
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ text }) => text === wanted);
    return found.length === count ? found : undefined;
  });
}

async function eventOf(client: PlainClient, text: string): Promise<{ cause: string }> {
  const isIt = ({ name, args }: WireFrame): boolean =>
    name === 'event' && (args as { args: { text?: string } }).args.text === text;
  return (await client.find(isIt)).args as { cause: string };
}
