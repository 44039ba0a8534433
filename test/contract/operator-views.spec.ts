import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const SHELF = `
import { accepts, Datastore, Plugin, Provider, provider, requireRoles, returns, task, Task } from 'dispatcher';
@provider('shelf') export class ShelfProvider extends Provider {
  @accepts() @returns(null) @requireRoles('operator') tidy() { return null; }
  @accepts() @returns(null) @requireRoles('librarian') stamp() { return null; }
}
@task('shelf.move') @accepts() export class MoveTask extends Task { verify() { return []; } run() {} }
@Plugin({ providers: [ShelfProvider, MoveTask] }) export default class {
  constructor(private readonly datastore: Datastore) {}
  async init() {
    await this.datastore.requireCollection('books');
    await this.datastore.upsert('books', 1, { title: 'short', lender: { password: 'hunter2', name: 'Ann' } });
    await this.datastore.upsert('books', 2, { title: 'x'.repeat(1_000_000) });
  }
}
`;

interface Rights {
  readonly roles: readonly string[];
  readonly methods: readonly string[];
  readonly tasks: readonly string[];
}

let server: PluginServer;
let admin: PlainClient;
beforeAll(async () => {
  server = await PluginServer.start({ 'shelf.ts': SHELF }, { dispatcher: { frontend: true } });
  admin = await server.admin();
});
afterAll(() => server.stop());

const rightsOf = (...roles: string[]): Promise<Rights> =>
  admin.result<Rights>('discovery.get_rights', roles);

describe('what a role may do', () => {
  it('is what the judge of calls says of everything that there is', async () => {
    const own = await admin.result<Rights>('discovery.get_rights');
    expect(own.roles).toEqual(['admin']);
    expect(own.methods).toEqual(expect.arrayContaining(['shelf.stamp', 'management.shutdown']));
    expect(own.methods).not.toContain('datastore.query'); // private
    const operator = await rightsOf('operator');
    expect(operator.methods).toContain('shelf.tidy');
    expect(operator.methods).not.toContain('shelf.stamp');
    expect(operator.methods).not.toContain('management.shutdown');
    expect(operator.tasks).toContain('shelf.move');
    expect((await rightsOf('reader')).tasks).toEqual([]);
  });

  it('of one that was made here follows its masks at once', async () => {
    await admin.result('role.create', { name: 'mover', methods: ['shelf.t*'], tasks: ['shelf.*'] });
    const made = await rightsOf('mover');
    expect(made.methods).toContain('shelf.tidy');
    expect(made.methods).not.toContain('shelf.stamp');
    expect(made.tasks).toEqual(['shelf.move']);
    await admin.result('role.update', 'mover', { methods: [] });
    expect((await rightsOf('mover')).methods).not.toContain('shelf.tidy');
    expect((await rightsOf('librarian')).methods).toContain('shelf.stamp');
    expect((await rightsOf()).tasks).toEqual([]);
  });

  it('is told of others to administrators only', async () => {
    await admin.result('account.create', {
      username: 'rita',
      password: { $password: 'reads a lot' },
      roles: ['reader'],
    });
    const rita = await server.stranger();
    await rita.request('rpc', 'auth', { username: 'rita', password: 'reads a lot' });
    const own = await rita.result<Rights>('discovery.get_rights');
    expect(own.roles).toEqual(['reader']);
    expect(own.methods).toContain('settings.describe');
    expect(own.methods).not.toContain('settings.set');
    const refused = await rita.call('discovery.get_rights', ['admin']);
    expect(refused.args).toMatchObject({ code: 13 });
  });
});

describe('what an administrator looks at', () => {
  it('says which server it is, with the figures of the time since its start', async () => {
    const about = await admin.result<Record<string, unknown>>('management.about');
    expect(about).toMatchObject({ node: process.version, 'http-calls': false });
    expect(String(about['version'])).toMatch(/^\d/);
    expect(about['addresses']).toContain(server.process.url);
    expect(String(about['host'])).not.toBe('');
    const [first] = await admin.result<Record<string, unknown>[]>('management.get_metrics_history');
    expect(Object.keys(first ?? {})).toEqual(['at', 'calls', 'events', 'connections', 'memory']);
    expect(first?.['memory']).toBeGreaterThan(1_000_000);
  });

  it('are rows without secrets, a megabyte of them cut until one asks for the row', async () => {
    const collections = await admin.result<Record<string, unknown>[]>('datastore.list_collections');
    expect(collections).toContainEqual(expect.objectContaining({ name: 'books', rows: 2 }));
    expect(collections).toContainEqual(
      expect.objectContaining({ name: 'users', rows: null, shown_by: 'account.query' }),
    );
    const { total, rows } = await admin.result<{ total: number; rows: Record<string, unknown>[] }>(
      'datastore.browse',
      'books',
    );
    expect(total).toBe(2);
    expect(JSON.stringify(rows).length).toBeLessThan(5_000);
    expect(rows[0]).toMatchObject({ lender: { password: '<hidden>', name: 'Ann' } });
    expect(String(rows[1]?.['title'])).toMatch(/… \(1000000 characters\)$/);
    const whole = await admin.result<Record<string, unknown>>('datastore.browse_row', 'books', 2);
    expect(whole['title']).toBe('x'.repeat(1_000_000));
    expect(await admin.result('datastore.browse_row', 'books', 3)).toBeNull();
  });

  it('cannot be asked by a secret, nor for rows that others show', async () => {
    const errors = await Promise.all(
      [
        ['books', [['lender.password', '~', '^h']]],
        [
          'books',
          [
            [
              'or',
              [
                ['title', '=', 'x'],
                ['lender.password', '=', '2026-01-01T00:00:00Z', 'timestamp'],
              ],
            ],
          ],
        ],
        ['books', null, { sort: ['-lender.password'] }],
        ['users'],
        ['tasks'],
      ].map(async (args) => (await admin.call('datastore.browse', ...args)).args),
    );
    for (const error of errors) expect(error).toMatchObject({ code: 13 });
    const page = await admin.result<{ total: number }>('datastore.browse', 'books', [
      ['lender.name', '=', 'Ann'],
    ]);
    expect(page.total).toBe(1);
  });

  it('follows one cause from a task to its events', async () => {
    const id = await admin.result<number>('task.submit', 'shelf.move');
    const { cause } = await admin.result<{ cause: string }>('task.wait', id);
    const { events } = await admin.result<{ events: { name: string; args: object }[] }>(
      'event.because_of',
      cause,
    );
    const [created] = events.filter(({ name }) => name === 'task.created');
    expect(created?.args).toMatchObject({ id });
    expect(events).toContainEqual(expect.objectContaining({ name: 'task.updated', cause }));
    const nothing = await admin.result<{ events: object[] }>('event.because_of', 'f'.repeat(32));
    expect(nothing.events).toEqual([]);
  });

  it('finds the lines of the log that say a word', async () => {
    await admin.call('shelf.nothing_of_that_name');
    const lines = await admin.result<{ message: string }[]>('log.recent', { text: 'shelf' });
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(JSON.stringify(line)).toContain('shelf');
    expect(await admin.result('log.recent', { text: 'no line has this word' })).toEqual([]);
  });
});
