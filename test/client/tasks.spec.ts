import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Errno, type TaskUpdate } from '../../src/client/index.js';
import { PluginServer } from '../contract/plugin-server.js';
import { FlakyProxy } from '../support/flaky-proxy.js';
import { newClient, rootClient } from './live-client.js';

const PLUGIN = `
import { accepts, Dispatcher, h, Plugin, returns, Task, task } from 'dispatcher';

@task('count.up', { executor: 'inline' }) @accepts(h.integer()) @returns(h.integer())
export class CountTask extends Task {
  constructor(private readonly dispatcher: Dispatcher) { super(); }
  verify() { return []; }
  async run(to: number) {
    this.setProgress(50, 'half');
    await this.dispatcher.testOrWaitForEvent('count.go', () => true, () => Promise.resolve(to < 0), { timeoutMs: 20_000 });
    if (to === 13) throw new Error('unlucky');
    return to;
  }
}
@Plugin({ providers: [CountTask] })
export default class {}
`;

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start({ 'count/index.ts': PLUGIN });
});
afterAll(() => server.stop());

describe('a task', () => {
  it('is followed from its states over its progress to its end, also through a lost connection', async () => {
    const proxy = await FlakyProxy.before(server.process.url);
    const source = await rootClient(server.process.url);
    const client = newClient(proxy.url);
    await client.connect();
    await client.login({ kind: 'local', username: 'root' });
    const id = await client.tasks.submit('count.up', [5]);
    const updates: TaskUpdate[] = [];
    let wasCut = false;
    for await (const update of client.tasks.follow(id)) {
      updates.push(update);
      const isHalf = update.kind === 'progress' && update.percentage === 50;
      if (!isHalf || wasCut) continue;
      wasCut = true;
      proxy.cutAfter(0);
      source.events.publish('count.go', {}); // nobody hears it but by way of the replay
    }
    await proxy.close();
    expect(wasCut).toBe(true);
    expect(updates.filter(({ kind }) => kind === 'state').at(-1)).toEqual({
      kind: 'state',
      state: 'FINISHED',
    });
    expect(updates.at(-1)).toMatchObject({ kind: 'ended', row: { id, result: 5 } });
  });

  it('is not followed past the signal, also when the server is gone before it could be asked', async () => {
    const proxy = await FlakyProxy.before(server.process.url);
    const client = newClient(proxy.url);
    await client.connect();
    await client.login({ kind: 'local', username: 'root' });
    const id = await client.tasks.submit('count.up', [-1]);
    await proxy.close();
    await expect.poll(() => client.state.kind).toBe('reconnecting');
    const stop = new AbortController();
    const next = client.tasks.follow(id, { signal: stop.signal }).next();
    stop.abort();
    await expect(next).rejects.toMatchObject({ code: Errno.ECANCELED });
  });

  it('submitted twice under one key is one task', async () => {
    const client = await rootClient(server.process.url);
    const options = { idempotencyKey: 'once', environment: { why: 'test' } };
    const id = await client.tasks.submit('count.up', [-1], options);
    expect(await client.tasks.submit('count.up', [-1], options)).toBe(id);
    expect(await client.tasks.wait(id)).toMatchObject({ state: 'FINISHED', result: -1 });
  });

  it('that does not end is waited for only so long', async () => {
    const client = await rootClient(server.process.url);
    const id = await client.tasks.submit('count.up', [6]);
    const waiting = client.tasks.wait(id, { timeoutMs: 50 });
    await expect(waiting).rejects.toMatchObject({ name: 'ETIMEDOUT' });
    expect((await client.tasks.status(id)).id).toBe(id);
  });

  it('that nobody knows is not waited for', async () => {
    const client = await rootClient(server.process.url);
    await expect(client.tasks.wait(999_999)).rejects.toMatchObject({ name: 'ENOENT' });
  });
});
