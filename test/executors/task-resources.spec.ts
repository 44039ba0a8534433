import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DocumentConfigStore,
  type DocumentStore,
  openDatastore,
} from '../../src/datastore/index.js';
import { DATASTORE_DRIVERS } from '../../src/server/datastore-drivers.js';
import { InlineExecutor, type TaskExecutor } from '../../src/tasks/index.js';
import { ExecutorHarness, FakeContext, until } from './executor.harness.js';

const SHOP = `
import { accepts, Dispatcher, Errno, generator, h, Password, Plugin, Provider, provider, returns, RpcException, signal } from 'dispatcher';
@provider('shop') export class Shop extends Provider {
  readonly log: string[] = [];
  @returns(h.any()) tell() { return this.log.splice(0); }
  @accepts(h.any()) @returns(h.any()) echo(value: unknown) { return value; }
  @accepts() @returns(h.any()) fail() { throw new RpcException(Errno.EBUSY, 'shop is shut', { until: new Date(9) }); }
  @accepts(h.integer()) @generator() @returns(h.array(h.integer()))
  async *count(to: number) {
    try { for (let i = 1; i <= to; i += 1) { this.log.push('made ' + i); yield i; } }
    finally { this.log.push('finally'); }
  }
  @accepts() @generator() @returns(h.array(h.integer()))
  async *broken() { yield 1; throw new RpcException(Errno.EIO, 'out of stock'); }
  @accepts() @generator() @returns(h.array(h.integer()))
  async *waiting(@signal() stop: AbortSignal) {
    try { yield 1; await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve())); }
    finally { this.log.push('finally'); }
  }
}
@Plugin({ providers: [Shop] }) export default class {
  constructor(private readonly dispatcher: Dispatcher) {}
  init() {
    this.dispatcher.registerHook('shop.sell');
    this.dispatcher.attachHook('shop.sell', (what) => what !== 'the shop');
  }
}
`;

describe.each([
  ['inline', (): TaskExecutor => new InlineExecutor()],
  ['isolated', (harness: ExecutorHarness): TaskExecutor => harness.pool({ max: 2 })],
])('What an %s task has of the server', (kind, create) => {
  const folder = mkdtempSync(join(tmpdir(), 'executors-'));
  let harness: ExecutorHarness;
  let store: DocumentStore;
  let executor: TaskExecutor;
  let submitted: unknown[];

  beforeAll(async () => {
    const dsn = join(folder, 'store.db');
    store = await openDatastore({ driver: 'sqlite', dsn }, { drivers: DATASTORE_DRIVERS });
    submitted = [];
    harness = new ExecutorHarness({
      stores: { datastore: store, configstore: await DocumentConfigStore.open(store) },
      taskSubmitter: {
        submit: ({ name, args }) => Promise.resolve(submitted.push([name, args])),
        resultOf: () => Promise.resolve(null),
      },
    });
    harness.write('shop.ts', SHOP);
    await harness.scripts();
    executor = create(harness);
  });
  afterAll(async () => {
    await harness.dispose();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const run = async (text: string, context = new FakeContext()): Promise<unknown> => {
    const outcome = await harness.script(executor, text, { context });
    if (outcome.kind !== 'returned') throw new Error(JSON.stringify(outcome));
    return outcome.value;
  };
  const told = (): Promise<unknown> => harness.call('shop.tell');

  it('calls methods, with values that JSON lacks, and catches their errors', async () => {
    expect(
      await run(`
        const { dispatcher } = this;
        const value = [new Date(5), 2n ** 70n, Buffer.from('x'), { __proto__: null, a: undefined }];
        const caught = (e) => [e instanceof sdk.RpcException, e.code, e.message, e.extra];
        const [date, long, binary] = await dispatcher.callSync('shop.echo', value);
        const secret = await dispatcher.callSync('shop.echo', new sdk.Password('pw'));
        return {
          same: [date instanceof Date, date, long, Buffer.isBuffer(binary), secret.reveal()],
          failed: await dispatcher.callSync('shop.fail').catch(caught),
          missing: await dispatcher.callSync('shop.nothing').catch(caught),
          invalid: (await dispatcher.callSync('shop.count', 'x').catch(caught)).slice(0, 2),
        };`),
    ).toEqual({
      same: [true, new Date(5), 2n ** 70n, true, 'pw'],
      failed: [true, 16, 'shop is shut', { until: new Date(9) }],
      missing: [true, 2, 'Method not found', null],
      invalid: [true, 22],
    });
  });

  it('reads a stream item by item, each made when it is asked for', async () => {
    const items = await run(`
      const items = await this.dispatcher.callSync('shop.count', 3);
      const log = [await this.dispatcher.callSync('shop.tell')];
      log.push((await items.next()).value, await this.dispatcher.callSync('shop.tell'));
      for await (const item of items) log.push(item);
      log.push(await items.next());
      return log;`);
    expect(items).toEqual([[], 1, ['made 1'], 2, 3, { done: true }]);
    expect(await told()).toEqual(['made 2', 'made 3', 'finally']);
  });

  it('ends a stream that it leaves, and gets the error of one that breaks', async () => {
    expect(
      await run(`
        for await (const item of this.dispatcher.callStream('shop.count', 9)) if (item === 2) break;
        const log = await this.dispatcher.callSync('shop.tell');
        try { for await (const item of this.dispatcher.callStream('shop.broken')) log.push(item); }
        catch (error) { log.push(error.code, error.message); }
        return log;`),
    ).toEqual(['made 1', 'made 2', 'finally', 1, 5, 'out of stock']);
  });

  it('does not leave a producer behind when it ends in the middle of a stream', async () => {
    await run(`const items = await this.dispatcher.callSync('shop.waiting');
      await items.next();
      items.next();`);
    await expect.poll(told).toEqual(['finally']);
  });

  it('publishes events, but none of the server’s own', async () => {
    expect(
      await run(`
        this.dispatcher.emitEvent('shop.opened', { at: new Date(7) });
        await this.dispatcher.callSync('shop.echo', 1);
        try { this.dispatcher.emitEvent('server.down', {}); } catch (error) { return error.code; }`),
    ).toBe(1);
    expect(harness.eventsNamed('shop.opened')).toMatchObject([{ at: new Date(7) }]);
  });

  it('hears events by mask until it ends, and waits for one', async () => {
    const context = new FakeContext();
    const running = run(
      `const heard = [];
       const handler = (args, name) => { heard.push([name, args.n]); };
       this.dispatcher.registerEventHandler('news.*', handler);
       const first = await this.dispatcher.execAndWaitForEvent('news.a', ({ n }) => n === 2,
         () => this.setProgress(1));
       this.dispatcher.unregisterEventHandler('news.*', handler);
       const none = await this.dispatcher.testOrWaitForEvent('news.a', () => true, () => true);
       let twice; try { this.dispatcher.unregisterEventHandler('news.*', handler); } catch (e) { twice = e.code; }
       return { heard, first: first.n, none, twice };`,
      context,
    );
    await until(() => context.progress.length > 0);
    for (const n of [1, 2]) harness.events.publishForeign('news.a', { n }, {});
    expect(await running).toEqual({
      heard: [
        ['news.a', 1],
        ['news.a', 2],
      ],
      first: 2,
      none: null,
      twice: 2,
    });
  });

  it('holds up the next event with a synchronous handler', async () => {
    const context = new FakeContext();
    const running = run(
      `const log = [];
       let over; const end = new Promise((resolve) => (over = resolve));
       this.dispatcher.registerEventHandler('slow', async ({ n }) => {
         log.push('begin ' + n);
         await new Promise((resolve) => setTimeout(resolve, 20)); // longer than the next event takes
         log.push('end ' + n);
         if (n === 2) over();
       }, { sync: true });
       this.setProgress(1);
       await end;
       return log;`,
      context,
    );
    await until(() => context.progress.length > 0);
    for (const n of [1, 2]) harness.events.publishForeign('slow', { n }, {});
    expect(await running).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('gives up a wait when it is told to stop', async () => {
    const context = new FakeContext();
    const assignment = harness.assignment({
      name: 'script',
      args: [
        `this.setProgress(1);
         return this.dispatcher.testOrWaitForEvent('never', () => true, () => false).catch((e) => e.code);`,
      ],
      context,
    });
    const session = await executor.open(assignment, { signal: context.signal });
    const outcome = session.run();
    await until(() => context.progress.length > 0);
    context.controller.abort();
    session.abort();
    expect(await outcome).toEqual({ kind: 'returned', value: 125 });
    await session.close();
  });

  it('submits tasks, runs hooks and changes resources', async () => {
    expect(
      await run(`
        const { dispatcher } = this;
        await dispatcher.registerResource('shelf:1', { parents: ['root'] });
        await dispatcher.registerResource('shelf:2');
        await dispatcher.updateResource('shelf:2', { parents: ['shelf:1'] });
        await dispatcher.renameResource('shelf:2', 'shelf:3');
        await dispatcher.registerResource('shelf:4');
        await dispatcher.unregisterResource('shelf:4');
        return {
          id: await dispatcher.submitTask('other', 1, new Date(1)),
          bread: await dispatcher.runHook('shop.sell', 'bread'),
          shop: await dispatcher.runHook('shop.sell', 'the shop'),
          cycle: await dispatcher.updateResource('shelf:1', { parents: ['shelf:3'] }).catch((e) => e.code),
        };`),
    ).toEqual({ id: 1, bread: true, shop: false, cycle: 22 });
    expect(submitted).toEqual([['other', [1, new Date(1)]]]);
    const names = harness.resources.list().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['shelf:1', 'shelf:3']));
    expect(names).not.toContain('shelf:4');
  });

  it.each([
    'registerProvider',
    'registerEventSource',
    'registerTaskHandler',
    'registerSchemaDefinition',
    'registerEventType',
    'registerHook',
    'attachHook',
    'registerTaskHook',
  ])('may not use %s, which is for init', async (method) => {
    const text = `try { await this.dispatcher.${method}('a', () => 0); } catch (e) { return [e.code, e.message]; }`;
    expect(await run(text)).toEqual([95, `A task may not use ${method}: call it in init`]);
  });

  it('stores rows, reads them and catches a duplicate as what it is', async () => {
    expect(
      await run(`
        const { datastore } = this;
        await datastore.requireCollection('goods', { unique: ['name'] });
        await datastore.deleteMany('goods', []);
        const id = await datastore.insert('goods', { name: 'bread', at: new Date(3), n: 1 });
        await datastore.insertMany('goods', Array.from({ length: 99 }, (_, n) => ({ name: 'g' + n, n: n + 2 })));
        const duplicate = await datastore.insert('goods', { name: 'bread' }).catch((e) =>
          [e instanceof sdk.DuplicateKeyException, e instanceof sdk.DatastoreException, e.code, e.extra.fields]);
        const rows = [];
        for await (const row of datastore.queryStream('goods', [['n', '>', 5]], { sort: 'n' })) {
          rows.push(row.n);
          if (rows.length === 70) break;
        }
        return {
          duplicate, rows: [rows.length, rows[0], rows.at(-1)],
          all: (await datastore.query('goods')).length,
          some: await datastore.query('goods', undefined, { sort: 'n', limit: 2, select: 'n' }),
          count: await datastore.count('goods'), few: await datastore.count('goods', [['n', '<', 3]]),
          exists: await datastore.exists('goods', [['n', '=', 3]]),
          one: (await datastore.getOne('goods', [], { sort: 'n' })).at,
          none: await datastore.getById('goods', 'nobody'),
          updated: (await datastore.update('goods', id, { n: 0 })).n,
          replaced: (await datastore.replace('goods', id, { name: 'rye' })).name,
          upserted: (await datastore.upsert('goods', id, { name: 'oat' })).name,
          claimed: (await datastore.claim('goods', [['n', '=', 9]], { n: -9 })).n,
          batch: (await datastore.batch([{ kind: 'delete', collection: 'goods', id }])),
          deleted: await datastore.delete('goods', id),
          counter: await datastore.increment('sold', 5),
          missing: await datastore.query('nowhere').catch((e) => [e instanceof sdk.DatastoreException, e.code]),
          known: (await datastore.listCollections()).some(({ name }) => name === 'goods'),
          dropped: await datastore.dropCollection('goods'),
        };`),
    ).toEqual({
      duplicate: [true, true, 17, ['name']],
      rows: [70, 6, 75],
      all: 100,
      some: [1, 2],
      count: 100,
      few: 2,
      exists: true,
      one: new Date(3),
      none: null,
      updated: 0,
      replaced: 'rye',
      upserted: 'oat',
      claimed: -9,
      batch: [true],
      deleted: false,
      counter: 5,
      missing: [true, 2],
      known: true,
      dropped: true,
    });
  });

  it('reads and changes the configuration, as nodes too, and hears of changes', async () => {
    expect(
      await run(`
        const { configstore } = this;
        const changes = [];
        const stop = configstore.onChange((change) => changes.push(change.operation + ' ' + change.keys));
        await configstore.set('shop.port', 80);
        await configstore.setMany({ 'shop.name': 'x', 'shop.till.open': true });
        const node = configstore.node('shop');
        await node.update({ till: { open: false, coins: 3 } });
        await node.node('till').set('owner', 'me');
        await configstore.exists('shop.port');
        stop();
        await configstore.delete('shop.port');
        return {
          changes, object: await node.toObject(), coins: await node.get('till.coins'),
          port: await configstore.get('shop.port', 22), none: await configstore.get('shop.none'),
          exists: await configstore.exists('shop.name'), children: await configstore.listChildren('shop.till'),
          bad: await configstore.set('no key', 1).catch((e) => e.code),
        };`),
    ).toEqual({
      changes: [
        'set shop.port',
        'set shop.name,shop.till.open',
        'set shop.till.open,shop.till.coins',
        'set shop.till.owner',
      ],
      object: { name: 'x', till: { open: false, coins: 3, owner: 'me' } },
      coins: 3,
      port: 22,
      none: null,
      exists: true,
      children: ['shop.till.coins', 'shop.till.open', 'shop.till.owner'],
      bad: 22,
    });
  });

  it('writes into the server’s log, under its plugin’s name', async () => {
    harness.log.length = 0;
    await run(`this.logger.warn('careful', { disk: 'da0', error: new Error('boom') });
               const loop = {}; loop.loop = loop; this.logger.error('odd', { loop });`);
    expect(harness.log).toEqual(['warn scripts: careful: boom', 'error scripts: odd']);
  });

  it('has nothing of the server any more once it has ended', async () => {
    const key = `left-${kind}`;
    await run(`globalThis['${key}'] = this;`);
    expect(
      await run(`
        const ended = globalThis['${key}'];
        const call = await ended.dispatcher.callSync('shop.echo', 1).catch((e) => e.message);
        let emit; try { ended.dispatcher.emitEvent('a', {}); } catch (e) { emit = e.message; }
        return [call, emit];`),
    ).toEqual([
      'Task 1 has ended: what it left running may not use the dispatcher',
      'Task 1 has ended: what it left running may not use the dispatcher',
    ]);
  });
});
