import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { DATASTORE_DRIVERS } from '../../src/server/datastore-drivers.js';
import { openDatastore } from '../../src/datastore/index.js';
import { mongodbAddress } from '../conformance/mongodb-target.js';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';
import { GATE_PLUGIN, TaskClient } from '../contract/task-plugin.js';

const mongodb = mongodbAddress('restart');

let directory: string;
let server: ServerProcess | null = null;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'dispatcher-restart-'));
  await writeFile(join(directory, 'gate.ts'), GATE_PLUGIN);
});
afterEach(async () => {
  await server?.stop('SIGKILL');
  server = null;
  await rm(directory, { recursive: true, force: true });
});

afterAll(() => mongodb?.drop());

type Store = Readonly<Record<'driver' | 'dsn', string>> | undefined;

/** Starts the server again over the same state and logs in. */
async function start(datastore?: Store): Promise<TaskClient> {
  server = await ServerProcess.start({
    ...(datastore !== undefined && { datastore }),
    stateDirectory: join(directory, 'state'),
    dispatcher: { 'plugin-dirs': [directory], 'shipped-plugins': false },
  });
  const client = new TaskClient(await PlainClient.loggedIn(server.url));
  return client.subscribe('gate.*', 'task.*');
}

async function end(signal: NodeJS.Signals): Promise<void> {
  await server?.stop(signal);
  server = null;
}

describe.each([
  { name: 'the embedded store', store: undefined, isThere: true },
  {
    name: 'MongoDB',
    store: { driver: 'mongodb', dsn: mongodb?.dsn ?? '' },
    isThere: mongodb !== null,
  },
])('After a kill over $name', ({ store, isThere }) => {
  const it = test.skipIf(!isThere);

  it('what ran has failed, what waited goes on in its order, what had ended is as it was', async () => {
    const before = await start(store);
    const ended = await before.run('gate.act', 'return', 'done');
    const running = await before.submit('gate.hold', 'one', ['dataset:tank']);
    await before.reached('one');
    const parent = await before.submit('gate.parent', [], [['gate.hold', 'child']]);
    await before.reached('child');
    const again = await before.submit('gate.again', 'again', ['disk:da0']);
    await before.reached('again');
    const waiting = [
      await before.submit('gate.act', 'claim', 'root'),
      await before.submit('gate.act', 'claim', 'dataset:tank/media'),
    ];
    const verifying = await before.submit('gate.slow_verify', 'verify', ['root']);
    await end('SIGKILL');

    const after = await start(store);
    await after.open('again');
    await after.open('verify');
    for (const id of [running, parent]) {
      expect(await after.wait(id)).toMatchObject({
        state: 'FAILED',
        error: { code: 4, message: 'dispatcher process died' },
      });
    }
    const children = await after.client.result('task.query', [['parent', '=', parent]], {
      select: ['state', 'error.code'],
    });
    expect(children).toEqual([['FAILED', 4]]);
    expect(await after.wait(again)).toMatchObject({ state: 'FINISHED', result: 'again' });
    for (const id of [...waiting, verifying]) {
      expect((await after.wait(id)).state).toBe('FINISHED');
    }
    expect(await after.status(ended.id)).toEqual(ended);
    const started = await after.client.result<number[]>(
      'task.query',
      [['id', 'in', [...waiting, verifying, again]]],
      {
        select: 'id',
        sort: ['started_at', 'id'],
      },
    );
    expect(started).toEqual([again, ...waiting, verifying]);
    const next = await after.submit('gate.act', 'return', 1);
    expect(next).toBeGreaterThan(verifying);
  });

  it('the same key of a submit gives the same task', async () => {
    const submit = (tasks: TaskClient) =>
      tasks.client.result<number>('task.submit_with_env', 'gate.hold', ['key'], {
        idempotencyKey: 'once',
      });
    const before = await start(store);
    const id = await submit(before);
    await end('SIGKILL');
    const after = await start(store);
    expect(await submit(after)).toBe(id);
    expect(
      await after.refused('task.submit_with_env', 'gate.hold', ['other'], {
        idempotencyKey: 'once',
      }),
    ).toMatchObject({ code: 17 });
  });
});

describe('After an end in good order', () => {
  it('tasks that waited go on as after any other', async () => {
    const before = await start();
    await before.submit('gate.hold', 'held', ['disk:da0']);
    await before.reached('held');
    const waiting = await before.submit('gate.act', 'claim', 'disk:da0');
    await before.client.close();
    await end('SIGTERM');
    const after = await start();
    expect((await after.wait(waiting)).state).toBe('FINISHED');
  }, 30_000);

  it('a task that was running has come to its end, with the parts that it began only then', async () => {
    await writeFile(join(directory, 'steps.ts'), STEPS_PLUGIN);
    const before = await start();
    await before.subscribe('steps.*');
    const id = await before.submit('steps.both');
    await before.event('steps.begun');
    await end('SIGTERM');
    const after = await start();
    expect(await after.status(id)).toMatchObject({ state: 'FINISHED', result: ['one', 'two'] });
  });
});

describe('The password of a task that waits', () => {
  const login = { user: 'u', password: { $password: 'a secret of 19 char' } };

  it('survives a kill, readable in no file, and is gone from the store when the task has ended', async () => {
    const before = await start();
    await before.submit('gate.hold', 'held', ['system']);
    await before.reached('held');
    const id = await before.submit('gate.secret', login, ['system']);
    await before.client.result('task.query', [['id', '=', id]]);
    await end('SIGKILL');
    const contents = await storeText(join(directory, 'state'));
    expect(contents).not.toContain('a secret of 19 char');
    expect((await stat(join(directory, 'state', 'task-secrets.key'))).mode & 0o777).toBe(0o600);

    const after = await start();
    expect(await after.wait(id)).toMatchObject({ state: 'FINISHED', result: 19 });
    expect((await after.status(id)).args[0]).toEqual({ user: 'u', password: '<hidden>' });
    await end('SIGTERM');
    const store = await openDatastore(
      { driver: 'sqlite', dsn: join(directory, 'state', 'datastore.db') },
      { drivers: DATASTORE_DRIVERS },
    );
    expect(await store.count('tasks', [['sealed', '!=', null]])).toBe(0);
    await store.close();
  });

  it('is lost with the key, which the task says', async () => {
    const before = await start();
    await before.submit('gate.hold', 'held', ['system']);
    await before.reached('held');
    const id = await before.submit('gate.secret', login, ['system']);
    await end('SIGKILL');
    await rm(join(directory, 'state', 'task-secrets.key'));
    const after = await start();
    const row = await after.wait(id);
    expect(row.state).toBe('FAILED');
    expect(row.error?.message).toContain('passwords of the task cannot be read');
  });
});

describe('A task whose class is gone', () => {
  it('fails naming it instead of waiting for ever', async () => {
    const before = await start();
    await before.submit('gate.hold', 'held', ['system']);
    await before.reached('held');
    const id = await before.submit('gate.act', 'claim', 'system');
    await end('SIGKILL');
    await rm(join(directory, 'gate.ts'));
    const after = await start();
    expect(await after.wait(id)).toMatchObject({
      state: 'FAILED',
      error: { code: 2, message: 'Task type gate.act is not registered any more' },
    });
  });
});

/** A task of two parts, of which the second begins when the first has ended, some time after the signal. */
const STEPS_PLUGIN = `
import { accepts, description, Plugin, returns, h, Task, task } from 'dispatcher';
import { setTimeout as pause } from 'node:timers/promises';

@description('A part') @task('steps.part', { executor: 'inline' }) @accepts(String, h.integer()) @returns(String)
export class Part extends Task {
  verify() { return []; }
  async run(name, ms) {
    this.dispatcher.emitEvent('steps.begun', { name });
    await pause(ms);
    return name;
  }
}
@description('Two parts, one after the other') @task('steps.both', { executor: 'inline' }) @accepts() @returns(h.array(String))
export class Both extends Task {
  verify() { return []; }
  async run() {
    const [one] = await this.joinSubtasks(this.runSubtask('steps.part', 'one', 500));
    const [two] = await this.joinSubtasks(this.runSubtask('steps.part', 'two', 0));
    return [one, two];
  }
}
@Plugin({ providers: [Part, Both] })
export default class StepsPlugin {}
`;

/** Everything that lies in the state folder, as text. */
async function storeText(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    files
      .filter((file) => file.isFile())
      .map((file) => readFile(join(file.parentPath, file.name), 'latin1')),
  );
  return texts.join('\n');
}
