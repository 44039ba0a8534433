import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PluginServer } from '../contract/plugin-server.js';
import { JsonRpcClient } from '../support/json-rpc-client.js';
import { PlainClient } from '../support/plain-client.js';

/** Tasks of two classes that stand before a gate, and a provider that submits one of its own. */
const PLUGIN = `
import { accepts, h, Plugin, Provider, provider, returns, Task, task } from 'dispatcher';
let open; const passed = new Promise((resolve) => { open = resolve; });

class Probe extends Task {
  verify(how) { return how === 'hold' ? ['system'] : []; }
  async run(how) {
    this.setProgress(10, 'at work');
    if (how === 'hold') await passed;
    if (how === 'fail') throw new Error('broke');
    return 'the result';
  }
}
@task('probe.op', { executor: 'inline' }) @accepts(String) @returns(String) export class Op extends Probe {}
@task('probe.other', { executor: 'inline' }) @accepts(String) @returns(String) export class Other extends Probe {}

@provider('probe') export class ProbeProvider extends Provider {
  @accepts() @returns(null) open() { open(); return null; }
  @accepts() @returns(h.integer()) submit() { return this.dispatcher.submitTask('probe.op', 'done'); }
}
@Plugin({ providers: [Op, Other, ProbeProvider] }) export default class {}
`;

const ENVIRONMENT = { DEPLOY_KEY: 's3cret' };
const NO_SUCH_TASK = { code: 2, message: 'No such task' };
type Row = Readonly<Record<string, unknown>>;

let server: PluginServer;
let admin: PlainClient;
/** The submitter; a reader; `masked` sees `probe.op` by its masks, `own` only what is its own. */
let ann: PlainClient;
let rita: PlainClient;
let masked: PlainClient;
let own: PlainClient;
/** Of ann: ended ones of each class, one that failed, one that runs and one that waits for it. */
let ids: Record<'op' | 'other' | 'failed' | 'running' | 'waiting', number>;

async function userWith(username: string, ...roles: string[]): Promise<PlainClient> {
  await admin.result('account.create', { username, roles });
  const client = await PlainClient.connect(server.process.url);
  await client.request('rpc', 'auth', { username }); // as root of this machine, who may be anybody
  client.send('events', 'subscribe', null, ['task.*']);
  return client;
}

async function refusal(client: PlainClient, method: string, ...args: unknown[]): Promise<unknown> {
  const { name, args: answer } = await client.call(method, ...args);
  return name === 'error' ? answer : name;
}

beforeAll(async () => {
  server = await PluginServer.start(
    { 'probe.ts': PLUGIN },
    { dispatcher: { 'shipped-plugins': false } },
  );
  admin = await PlainClient.loggedIn(server.process.url);
  await admin.result('role.create', { name: 'masked', methods: [], tasks: ['probe.op'] });
  await admin.result('role.create', { name: 'own', tasks: ['mine.*'], methods: ['task.*'] });
  ann = await userWith('ann', 'operator');
  rita = await userWith('rita', 'reader');
  masked = await userWith('masked', 'masked');
  own = await userWith('own', 'own');
  const submit = async (name: string, how: string): Promise<number> => {
    const id = await ann.result<number>('task.submit_with_env', name, [how], ENVIRONMENT);
    if (how !== 'hold') await ann.result('task.wait', id);
    return id;
  };
  const op = await submit('probe.op', 'done');
  const other = await submit('probe.other', 'done');
  const failed = await submit('probe.op', 'fail');
  const running = await submit('probe.other', 'hold');
  await ann.find(({ args }) => {
    const { name, args: of } = (args ?? {}) as { name?: string; args?: Row };
    return name === 'task.updated' && of?.['id'] === running && of['state'] === 'EXECUTING';
  });
  ids = { op, other, failed, running, waiting: await submit('probe.op', 'hold') };
});
afterAll(async () => {
  await admin.result('probe.open');
  await server.stop();
  for (const client of [admin, ann, rita, masked, own]) await client.close();
});

const eventsOf = (client: PlainClient): { name: string; args: Row }[] =>
  client.received
    .filter(({ name }) => name === 'event')
    .map(({ args }) => args as { name: string; args: Row });

/** The tasks that events of these told of. */
const toldOf = (events: readonly { args: Row }[]): number[] =>
  [...new Set(events.flatMap(({ args }) => (args['ids'] ?? [args['id']]) as number[]))].sort(
    (a, b) => a - b,
  );

describe('a row of somebody else', () => {
  it.each(['task.status', 'task.wait', 'task.explain'])(
    'R1: is not there for %s of who may not see it',
    async (method) => {
      expect(await refusal(masked, method, ids.other)).toMatchObject(NO_SUCH_TASK);
      expect(await refusal(own, method, ids.op)).toMatchObject(NO_SUCH_TASK);
      expect(await refusal(own, method, 999_999)).toMatchObject(NO_SUCH_TASK);
    },
  );

  it('R1: cannot be aborted by who may not see it, and goes on', async () => {
    expect(await refusal(masked, 'task.abort', ids.running)).toMatchObject(NO_SUCH_TASK);
    expect(await refusal(own, 'task.abort', ids.running)).toMatchObject(NO_SUCH_TASK);
    expect(await rita.result('task.status', ids.running)).toMatchObject({ state: 'EXECUTING' });
  });

  it('R1: shows no environment to those who may see it, but to its submitter and admin', async () => {
    const environmentFor = async (client: PlainClient): Promise<unknown> =>
      (await client.result<Row>('task.status', ids.op))['environment'];
    expect(await environmentFor(masked)).toEqual({});
    expect(await environmentFor(rita)).toEqual({});
    expect(await environmentFor(ann)).toMatchObject(ENVIRONMENT);
    expect(await environmentFor(admin)).toMatchObject(ENVIRONMENT);
    const waited = await masked.result<Row>('task.wait', ids.op);
    expect(waited).toMatchObject({ result: 'the result', environment: {} });
  });

  it('R1: shows the stack of its error to admin only, not to its submitter', async () => {
    const stackFor = async (client: PlainClient): Promise<unknown> =>
      (await client.result<{ error: Row }>('task.status', ids.failed)).error['stacktrace'];
    expect(await stackFor(ann)).toBeNull();
    expect(await stackFor(masked)).toBeNull();
    expect(await stackFor(admin)).toContain('broke');
  });

  it('R1: is in no answer of task.query, nor counted', async () => {
    expect(await own.result('task.query')).toEqual([]);
    expect(await own.result('task.query', [], { count: true })).toBe(0);
    expect(await own.result('task.query', [], { single: true })).toBeNull();
    expect(await own.result('task.query', [['nor', [['id', '=', -1]]]])).toEqual([]);
    const all = await rita.result<Row[]>('task.query');
    expect(all.map(({ id }) => id)).toEqual(Object.values(ids));
    expect(all.map(({ environment }) => environment)).toEqual(all.map(() => ({})));
    const fields = { select: ['id', 'environment.DEPLOY_KEY', 'error.stacktrace'] };
    const failed = [['id', '=', ids.failed]];
    expect(await rita.result('task.query', failed, fields)).toEqual([[ids.failed, null, null]]);
    expect(await admin.result('task.query', failed, fields)).toMatchObject([
      [ids.failed, 's3cret', expect.stringContaining('broke')],
    ]);
  });

  it.each<[string, unknown[]]>([
    ['a filter by the environment', [[['environment.DEPLOY_KEY', '~', '^s']]]],
    ['one inside a group', [[['or', [['nor', [['environment', '=', {}]]]]]]]],
    ['an order by it', [[], { sort: ['id', '-environment.DEPLOY_KEY'], select: 'id' }]],
    ['a count by the stack', [[['error.stacktrace', '~', 'probe']], { count: true }]],
    ['an order by the whole error', [[], { sort: 'error' }]],
    ['a comparison with the whole error', [[['error', '=', { stacktrace: 'x' }]]]],
    ['the owner that the server keeps', [[['owner', '=', 'ann']]]],
  ])('R1: cannot be guessed at by %s', async (_, args) => {
    for (const client of [rita, own]) {
      expect(await refusal(client, 'task.query', ...args)).toMatchObject({
        code: 22,
        message: expect.stringContaining('is not shown') as string,
      });
    }
  });

  it('R1: may be asked for by whether it failed', async () => {
    const failed = [['error', '!=', null]];
    expect(await rita.result('task.query', failed, { select: 'id' })).toEqual([ids.failed]);
  });

  it('R1: is not named as the one that is in the way', async () => {
    expect(await rita.result('task.explain', ids.waiting)).toMatchObject({
      waits: [{ relation: 'held', task: ids.running, path: ['system'] }],
    });
    const { waits } = await masked.result<{ waits: Row[] }>('task.explain', ids.waiting);
    expect(waits).toEqual([{ relation: 'held', claim: { resource: 'system', mode: 'exclusive' } }]);
  });

  it('R1: holds and waits for no resource that its number could be read from', async () => {
    const systemFor = async (client: PlainClient): Promise<Row | undefined> => {
      const all = await client.result<Row[]>('task.list_resources');
      return all.find(({ name }) => name === 'system');
    };
    expect(await systemFor(rita)).toMatchObject({
      holders: [{ task: ids.running, mode: 'exclusive' }],
      waiters: [ids.waiting],
    });
    expect(await systemFor(own)).toMatchObject({ holders: [], waiters: [] });
  });
});

describe('what is told of a task', () => {
  it('R1: is told to those who may see it, in events and in a replay of them', async () => {
    for (const client of [rita, masked, own]) await client.settled();
    const ops = [ids.op, ids.failed, ids.waiting];
    expect(toldOf(eventsOf(rita))).toEqual(Object.values(ids));
    expect(toldOf(eventsOf(masked))).toEqual(ops);
    expect(eventsOf(own)).toEqual([]);
    const epoch = (await rita.result<string>('event.cursor')).split(':')[0];
    const replay = async (client: PlainClient): Promise<{ name: string; args: Row }[]> => {
      const options = { since: `${String(epoch)}:0` };
      return (await client.result<{ events: never[] }>('event.replay', ['task.*'], options)).events;
    };
    expect(toldOf(await replay(rita))).toEqual(Object.values(ids));
    expect(toldOf(await replay(masked))).toEqual(ops);
    expect(await replay(own)).toEqual([]);
    expect(eventsOf(masked).map(({ name }) => name)).toContain('task.progress');
    expect(eventsOf(masked).map(({ name }) => name)).toContain('task.changed');
  });

  it('R1: is as little told over JSON-RPC', async () => {
    const client = await JsonRpcClient.connect(new URL('/jsonrpc', server.process.url).href);
    await client.request('auth.login', ['own', '']);
    const status = await client.request('task.status', [ids.op]);
    expect(status.error?.data).toMatchObject({ code: 2 });
    const query = await client.request('task.query', [[], { select: 'id' }]);
    expect(query.result).toEqual([]);
    await client.close();
  });
});

describe('somebody of the same name', () => {
  it('R1: a plugin or service called like a user does not make its tasks that user’s', async () => {
    const probe = await userWith('probe', 'own');
    const byPlugin = await admin.result<number>('probe.submit');
    const service = await PlainClient.connect(server.process.url);
    await service.request('rpc', 'auth_service', { name: 'probe' });
    const byService = await service.result<number>('task.submit', 'probe.op', ['done']);
    for (const id of [byPlugin, byService]) {
      expect(await service.result('task.wait', id)).toMatchObject({ user: 'probe' });
      expect(await refusal(probe, 'task.status', id)).toMatchObject(NO_SUCH_TASK);
    }
    const environment = { RUN_AS_USER: 'probe' };
    const lent = await service.result<number>('task.submit_with_env', 'probe.op', ['done'], {
      ...environment,
      ...ENVIRONMENT,
    });
    expect(await probe.result('task.wait', lent)).toMatchObject({ environment: ENVIRONMENT });
    expect(await probe.result('task.query', [], { select: 'id' })).toEqual([lent]);
    await probe.close();
    await service.close();
  });

  it('R1: neither a user nor a service of the same name gets the task of another’s key', async () => {
    const service = await PlainClient.connect(server.process.url);
    await service.request('rpc', 'auth_service', { name: 'ann' });
    const submit = (client: PlainClient): Promise<number> =>
      client.result('task.submit_with_env', 'probe.op', ['done'], { idempotencyKey: 'k' });
    const [first, again] = [await submit(ann), await submit(ann)];
    expect(again).toBe(first);
    const others = [await submit(service), await submit(masked), await submit(admin)];
    expect(new Set([first, ...others]).size).toBe(4);
    await service.close();
  });
});
