import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PluginServer } from './plugin-server.js';
import { GATE_PLUGIN, TaskClient } from './task-plugin.js';

const APART = (edition: number) => `
import { accepts, description, h, Plugin, returns, Task, task } from 'dispatcher';
import { IsString } from 'class-validator';

export class Box { @IsString() label!: string; }

@description('Does what it is told, in a process of its own') @task('apart.act') @accepts(String, h.any()) @returns(h.any())
export class Act extends Task {
  verify() { return []; }
  async run(how, what) {
    switch (how) {
      case 'edition': return ${edition};
      case 'pid': return process.pid;
      case 'exit': process.exit(3);
      case 'loop': this.dispatcher.emitEvent('gate.reached', { name: what }); await new Promise(setImmediate); for (;;);
      case 'print': console.log('to output'); console.error('to error'); return null;
      case 'flood': { const line = 'x'.repeat(1023) + '\\n'; for (let i = 0; i < 64 * 1024; i += 1) if (!process.stdout.write(line)) await new Promise((r) => process.stdout.once('drain', r)); return 'flooded'; }
      case 'gate': this.dispatcher.emitEvent('gate.reached', { name: what }); await this.dispatcher.callSync('gate.pass', what); return ${edition};
      case 'progress': this.setProgress(40, 'nearly', { n: 1 }); this.addWarning(5, 'odd'); return [this.id, this.user, this.environment.ID];
      case 'nest': return this.runSubtaskSync('apart.act', what[0], what[1]);
      case 'store': {
        await this.datastore.requireCollection('apart', { key: 'uuid' });
        const id = await this.datastore.insert('apart', { when: new Date(0), big: 2n ** 60n });
        const row = await this.datastore.getById('apart', id);
        await this.configstore.set('apart.key', what);
        return [row.when instanceof Date, row.big === 2n ** 60n, await this.configstore.get('apart.key')];
      }
      case 'resource': await this.dispatcher.registerResource(what, { parents: ['system'] }); return null;
    }
  }
  rollback(how) { if (how === 'loop' || how === 'exit') this.dispatcher.emitEvent('gate.undone', { how, pid: process.pid }); }
}
@Plugin({ depends: ['gate'], schemas: [Box], providers: [Act] })
export default class {}
`;

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start(
    { 'gate.ts': GATE_PLUGIN, 'apart.ts': APART(1) },
    { dispatcher: { tasks: { executors: { min: 1, max: 2 }, 'abort-grace-ms': 300 } } },
  );
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

const client = async (): Promise<TaskClient> =>
  new TaskClient(await server.admin()).subscribe('gate.*', 'task.*');

describe('An isolated task', () => {
  it('runs in another process, and sees the server as any task does', async () => {
    const tasks = await client();
    const { result } = await tasks.run('apart.act', 'pid', null);
    expect(result).not.toBe(server.process.pid);
    const executors = await tasks.client.result<{ pid: number }[]>('task.list_executors');
    expect(executors.map(({ pid }) => pid)).toContain(result);
    const told = await tasks.run('apart.act', 'progress', null);
    expect(told).toMatchObject({
      result: [told.id, 'root', told.id],
      progress: { percentage: 100, message: 'nearly' },
      warnings: [{ code: 5, message: 'odd' }],
    });
    expect((await tasks.run('apart.act', 'store', 'kept')).result).toEqual([true, true, 'kept']);
    await tasks.run('apart.act', 'resource', 'thing:made');
    const resources = await tasks.client.result<{ name: string }[]>('task.list_resources');
    expect(resources.find(({ name }) => name === 'thing:made')).toMatchObject({
      parents: ['system'],
    });
  });

  it('leaves what it printed, however much, in its row', async () => {
    const tasks = await client();
    const { output } = await tasks.run('apart.act', 'print', null);
    expect(output).toContain('to output\n');
    expect(output).toContain('to error\n');
    const flood = await tasks.run('apart.act', 'flood', null);
    expect(flood.result).toBe('flooded');
    expect(String(flood['output']).length).toBeLessThan(70_000);
    expect(flood['output']).toMatch(/^\[\d+ characters left out\]/);
  });

  it('that exits fails alone, is rolled back in a new process, and the next one runs', async () => {
    const tasks = await client();
    expect(await tasks.run('apart.act', 'exit', null)).toMatchObject({
      state: 'FAILED',
      error: { code: 14, message: 'Task executor died' },
    });
    expect(tasks.events('gate.undone')).toHaveLength(1);
    expect((await tasks.run('apart.act', 'edition', null)).state).toBe('FINISHED');
  });

  it('that loops for ever is ended by force when it is aborted, and then rolled back', async () => {
    const tasks = await client();
    const id = await tasks.submit('apart.act', 'loop', 'looping');
    await tasks.reached('looping');
    expect(await tasks.client.result('task.abort', id)).toBe(true);
    expect(await tasks.wait(id)).toMatchObject({ state: 'ABORTED', error: null });
    expect(tasks.events('gate.undone')).toEqual([expect.objectContaining({ how: 'loop' })]);
    expect((await tasks.run('apart.act', 'edition', null)).state).toBe('FINISHED');
  });

  it('that waits for subtasks never starves them, however few processes there may be', async () => {
    const tasks = await client();
    const deep = ['nest', ['nest', ['edition', null]]];
    const rows = await Promise.all([0, 1, 2].map(() => tasks.run('apart.act', ...deep)));
    expect(rows.map(({ result }) => result)).toEqual([1, 1, 1]);
  });

  it('finishes on the code it began with when its plugin is reloaded; the next runs the new code', async () => {
    const tasks = await client();
    const old = await tasks.submit('apart.act', 'gate', 'across');
    await tasks.reached('across');
    await server.write({ 'apart.ts': APART(2) });
    await tasks.client.result('management.reload_plugins', ['apart']);
    expect((await tasks.run('apart.act', 'edition', null)).result).toBe(2);
    expect((await tasks.status(old)).state).toBe('EXECUTING');
    await tasks.open('across');
    expect(await tasks.wait(old)).toMatchObject({ state: 'FINISHED', result: 1 });
    await server.write({ 'apart.ts': APART(1) });
    await tasks.client.result('management.reload_plugins', ['apart']);
  });
});

describe('A submit while the plugin of its task is being reloaded', () => {
  it('waits for the new code instead of failing', async () => {
    const tasks = await client();
    const reload = tasks.client.result('management.reload_plugins', ['gate']);
    const rows = await Promise.all([0, 1, 2, 3].map((n) => tasks.run('gate.act', 'return', n)));
    expect(rows.map(({ result }) => result)).toEqual([0, 1, 2, 3]);
    await reload;
  });
});
