import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PluginServer } from './plugin-server.js';
import { GATE_PLUGIN, TaskClient } from './task-plugin.js';

/** Runs other plugins' tasks around those of the gate plugin, and submits some itself. */
const HOOKS_PLUGIN = `
import { accepts, description, Dispatcher, Errno, h, Plugin, Provider, provider, returns, RpcException, Task, task } from 'dispatcher';

const witness = (moment) => class extends Task {
  verify() { return []; }
  run(how, what) {
    this.dispatcher.emitEvent('gate.hooked', { moment, how, parent: this.environment.parent, id: this.environment.ID });
    if (what === moment) throw new RpcException(Errno.EPERM, moment + ' refuses');
  }
};
@description('Before') @task('hooks.before', { executor: 'inline' }) @accepts(String, h.any()) export class Before extends witness('before') {}
@description('After') @task('hooks.after', { executor: 'inline' }) @accepts(String, h.any()) export class After extends witness('after') {}
@description('Error') @task('hooks.error', { executor: 'inline' }) @accepts(String, h.any()) export class OnError extends witness('error') {}

@provider('hooks') export class HooksProvider extends Provider {
  @description('Registers') @accepts() @returns(null) arm() {
    const { dispatcher } = this;
    const quietly = { type: 'array', items: [{ not: { const: 'return' } }] };
    dispatcher.registerTaskHook('gate.act:before', 'hooks.before');
    dispatcher.registerTaskHook('gate.act:after', 'hooks.after', quietly);
    dispatcher.registerTaskHook('gate.act:error', 'hooks.error');
    return null;
  }
  @description('Unregisters') @accepts() @returns(null) disarm() {
    for (const moment of ['before', 'after', 'error']) this.dispatcher.unregisterTaskHook('gate.act:' + moment, 'hooks.' + moment);
    return null;
  }
  @description('Bad') @accepts(String) @returns(null) bad(name) { this.dispatcher.registerTaskHook(name, 'hooks.before'); return null; }
  @description('Submits and waits') @accepts(String, h.array(h.any())) @returns(h.any())
  call(name, args) { return this.dispatcher.callTaskSync(name, ...args); }
  @description('Submits') @accepts(String, h.array(h.any())) @returns(h.integer())
  submit(name, args) { return this.dispatcher.submitTask(name, ...args); }
  @description('Submits what no store can keep') @accepts(String) @returns(h.integer())
  submitOdd(what) { return this.dispatcher.submitTask('gate.act', 'return', { nan: NaN, infinity: -Infinity, function: () => 1 }[what]); }
}
@Plugin({ depends: ['gate'], providers: [HooksProvider, Before, After, OnError] })
export default class HooksPlugin { constructor(private readonly dispatcher: Dispatcher) {} }
`;

let server: PluginServer;
let gates = 0;

beforeAll(async () => {
  server = await PluginServer.start({ 'gate.ts': GATE_PLUGIN, 'hooks.ts': HOOKS_PLUGIN });
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

const client = async (): Promise<TaskClient> =>
  new TaskClient(await server.admin()).subscribe('gate.*', 'task.*');
const newGate = (): string => `part-${(gates += 1)}`;

describe('Subtasks', () => {
  it('give their results in the order in which they were asked for', async () => {
    const tasks = await client();
    const gate = newGate();
    const id = await tasks.submit(
      'gate.parent',
      [],
      [
        ['gate.hold', gate],
        ['gate.act', 'return', 'quick'],
      ],
    );
    await tasks.reached(gate);
    await tasks.open(gate);
    expect(await tasks.wait(id)).toMatchObject({ state: 'FINISHED', result: [gate, 'quick'] });
  });

  it('have rows of their own with the user of the parent, their own id, and its number', async () => {
    const tasks = await client();
    const parent = await tasks.run('gate.parent', [], [['gate.act', 'environment', null]]);
    const [child] = await tasks.client.result<{ id: number; user: string }[]>('task.query', [
      ['parent', '=', parent.id],
    ]);
    expect(child).toMatchObject({ user: 'root', state: 'FINISHED' });
    expect((parent.result as object[])[0]).toMatchObject({ ID: child?.id, parent: parent.id });
  });

  it('that fail make the join fail with their code and message, when all have ended', async () => {
    const tasks = await client();
    const parent = await tasks.run(
      'gate.parent',
      [],
      [
        ['gate.act', 'return', 1],
        ['gate.act', 'throw-task', 2],
        ['gate.act', 'throw-error', 3],
      ],
    );
    expect(parent).toMatchObject({
      state: 'FAILED',
      error: { code: 28, message: 'is full', extra: { what: 2 } },
    });
  });

  it('run under the locks of their parent, and beyond them only what is free', async () => {
    const tasks = await client();
    const held = newGate();
    const holder = await tasks.submit('gate.hold', held, ['disk:da0']);
    await tasks.reached(held);
    const covered = await tasks.run(
      'gate.parent',
      ['zpool:tank'],
      [['gate.act', 'claim', 'dataset:tank/media']],
    );
    expect(covered.state).toBe('FINISHED');
    const free = await tasks.run('gate.parent', ['zpool:tank'], [['gate.act', 'claim', 'system']]);
    expect(free.state).toBe('FINISHED');
    const taken = await tasks.run(
      'gate.parent',
      ['zpool:tank'],
      [['gate.act', 'claim', 'disk:da0']],
    );
    expect(taken).toMatchObject({ state: 'FAILED', error: { code: 16 } });
    expect(taken.error?.message).toContain('disk:da0');
    await tasks.open(held);
    await tasks.wait(holder);
  });

  it('of one parent that conflict run one after another, in the order in which they were started', async () => {
    const tasks = await client();
    const [one, two] = [newGate(), newGate()];
    const id = await tasks.submit(
      'gate.parent',
      ['zpool:tank'],
      [
        ['gate.hold', one, ['dataset:tank']],
        ['gate.hold', two, ['dataset:tank/apps']],
      ],
    );
    await tasks.reached(one);
    const [, second] = await tasks.client.result<number[]>('task.query', [['parent', '=', id]], {
      select: 'id',
      sort: 'id',
    });
    await tasks.event(
      'task.updated',
      (args) => args['id'] === second && args['state'] === 'WAITING',
    );
    await tasks.open(two);
    await tasks.open(one);
    expect((await tasks.wait(id)).state).toBe('FINISHED');
    const reached = tasks.events('gate.reached').map(({ name }) => name);
    expect(reached).toEqual([one, two]);
  });

  it('that still run when their parent returns are aborted and never outlive it', async () => {
    const tasks = await client();
    const id = await tasks.submit('gate.parent', [], [['gate.hold', newGate()]], 'abandon');
    expect(await tasks.wait(id)).toMatchObject({ state: 'FINISHED', result: 'gone' });
    const states = await tasks.client.result('task.query', [['parent', '=', id]], {
      select: 'state',
    });
    expect(states).toEqual(['ABORTED']);
  });

  it('move the progress of their parent in the part that is theirs', async () => {
    const tasks = await client();
    const id = await tasks.submit(
      'gate.parent',
      [],
      [
        ['gate.act', 'return', 1],
        ['gate.act', 'return', 2],
      ],
    );
    await tasks.wait(id);
    const progress = tasks.events('task.progress').filter((args) => args['id'] === id);
    expect(progress.at(-1)).toMatchObject({ percentage: 100 });
    expect(progress[0]?.['percentage']).toBe(50);
  });

  it('can be asked what they would claim, so that a composite claims it', async () => {
    const tasks = await client();
    const gate = newGate();
    const id = await tasks.submit('gate.composite', gate, ['dataset:tank']);
    await tasks.reached(gate);
    expect((await tasks.status(id))['resources']).toEqual(['dataset:tank']);
    await tasks.open(gate);
    expect(await tasks.wait(id)).toMatchObject({ state: 'FINISHED', result: gate });
  });

  it('of a task that does not exist, or with arguments that do not fit, fail the join', async () => {
    const tasks = await client();
    expect(await tasks.run('gate.parent', [], [['no.such']])).toMatchObject({
      state: 'FAILED',
      error: { code: 22, message: 'Unknown task type no.such' },
    });
    expect(await tasks.run('gate.parent', [], [['gate.hold', 5]])).toMatchObject({
      state: 'FAILED',
      error: { code: 22, message: 'One or more passed arguments failed schema verification' },
    });
  });
});

describe('Task hooks', () => {
  const hooked = (tasks: TaskClient) => tasks.events('gate.hooked').map(({ moment }) => moment);

  it('run before and after a task, or when it failed, as subtasks with its arguments', async () => {
    const tasks = await client();
    await tasks.client.result('hooks.arm');
    try {
      const good = await tasks.run('gate.act', 'warn', 1);
      expect(good.state).toBe('FINISHED');
      expect(hooked(tasks)).toEqual(['before', 'after']);
      const [before] = tasks.events('gate.hooked');
      expect(before).toMatchObject({ how: 'warn', parent: good.id });
      expect(before?.['id']).not.toBe(good.id);

      const bad = await tasks.run('gate.act', 'throw-task', 1);
      expect(bad.error?.message).toBe('is full');
      expect(hooked(tasks)).toEqual(['before', 'after', 'before', 'error']);
    } finally {
      await tasks.client.result('hooks.disarm');
    }
    await tasks.run('gate.act', 'warn', 1);
    expect(hooked(tasks)).toHaveLength(4);
  });

  it('that fail before or after make the task fail; one for errors leaves a warning', async () => {
    const tasks = await client();
    await tasks.client.result('hooks.arm');
    try {
      const refused = await tasks.run('gate.act', 'warn', 'before');
      expect(refused).toMatchObject({
        state: 'FAILED',
        error: { code: 1, message: 'before refuses' },
      });
      expect(refused.warnings).toEqual([]);
      expect(await tasks.run('gate.act', 'warn', 'after')).toMatchObject({
        state: 'FAILED',
        error: { code: 1, message: 'after refuses' },
      });
      const row = await tasks.run('gate.act', 'throw-task', 'error');
      expect(row.error?.message).toBe('is full');
      expect(row.warnings.map(({ message }) => message)).toEqual([
        'Hook for its error failed: error refuses',
      ]);
    } finally {
      await tasks.client.result('hooks.disarm');
    }
  });

  it('with a condition run only when the arguments fit it', async () => {
    const tasks = await client();
    await tasks.client.result('hooks.arm');
    try {
      await tasks.run('gate.act', 'return', 1);
      expect(hooked(tasks)).toEqual(['before']);
    } finally {
      await tasks.client.result('hooks.disarm');
    }
  });

  it('have the name of a task and a moment', async () => {
    const tasks = await client();
    expect(await tasks.refused('hooks.bad', 'gate.act')).toMatchObject({ code: 22 });
    expect(await tasks.refused('hooks.bad', 'gate.act:meanwhile')).toMatchObject({ code: 22 });
  });
});

describe('A plugin', () => {
  it('submits tasks, and waits for what they return or throw', async () => {
    const tasks = await client();
    const id = await tasks.client.result<number>('hooks.submit', 'gate.hidden', []);
    expect(await tasks.wait(id)).toMatchObject({ state: 'FINISHED', user: 'hooks' });
    expect(await tasks.client.result('hooks.call', 'gate.act', ['return', 7])).toBe(7);
    expect(await tasks.refused('hooks.call', 'gate.act', ['throw-task', 7])).toMatchObject({
      code: 28,
      message: 'is full',
    });
  });

  it.each(['nan', 'infinity', 'function'])(
    'is refused a task whose argument no store can keep: %s',
    async (what) => {
      const tasks = await client();
      expect(await tasks.refused('hooks.submit_odd', what)).toMatchObject({ code: 22 });
    },
  );
});
