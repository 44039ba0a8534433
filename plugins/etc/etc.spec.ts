import { classMetadata, Errno, RpcException, type Task } from 'dispatcher';
import { FakeDispatcher, memoryDatastore, runTask, verifyTask } from 'dispatcher/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { EtcSettings } from './etc.settings.js';
import { GenerateTask } from './generation/generate.task.js';
import { GroupResources } from './generation/group-resources.js';
import { RollbackTask } from './generation/rollback.task.js';
import EtcPlugin from './index.js';
import {
  CERTIFICATES,
  HOSTS,
  NGINX_SITES,
  NTP_SERVERS,
  type RowKind,
  SMB_SHARES,
  SUDO_USERS,
} from './rows/row-kinds.js';
import { rowService } from './rows/row-service.js';

type TaskClass = new () => Task;

let datastore = memoryDatastore();
let dispatcher = new FakeDispatcher();
beforeEach(async () => {
  datastore = memoryDatastore();
  dispatcher = new FakeDispatcher();
  await new EtcPlugin(dispatcher, datastore).init();
});

const bench = () => ({ datastore, dispatcher, providers: [GroupResources] });

function taskOf(kind: RowKind, operation: 'create' | 'update' | 'delete'): TaskClass {
  const found = rowService(kind).find(
    (type) => classMetadata(type).role?.name === `${kind.name}.${operation}`,
  );
  return found as TaskClass;
}

describe('rows of the shipped files', () => {
  it('are made, replaced and removed, each told by an event', async () => {
    const host = { address: '10.0.0.5', names: ['backup'] };
    const made = await runTask(taskOf(HOSTS, 'create'), [host], bench());
    expect(made).toMatchObject({ state: 'FINISHED' });
    const id = String(made.result);
    const other = { address: '10.0.0.5', names: ['backup', 'backup.lan'] };
    await runTask(taskOf(HOSTS, 'update'), [id, other], bench());
    expect(await datastore.getById(HOSTS.collection, id)).toMatchObject(other);
    await runTask(taskOf(HOSTS, 'delete'), [id], bench());
    expect(await datastore.count(HOSTS.collection)).toBe(0);
    expect(dispatcher.events).toMatchObject(
      ['create', 'update', 'delete'].map((operation) => ({
        name: 'etc.host.changed',
        args: { operation, ids: [id] },
      })),
    );
  });

  it('are one of each, and there when they are changed', async () => {
    const host = { address: '10.0.0.5', names: ['backup'] };
    await runTask(taskOf(HOSTS, 'create'), [host], bench());
    const again = await runTask(taskOf(HOSTS, 'create'), [host], bench());
    expect(again).toMatchObject({ hasRun: false, error: { code: Errno.EEXIST } });
    const gone = await runTask(taskOf(HOSTS, 'delete'), ['nope'], bench());
    expect(gone).toMatchObject({ hasRun: false, error: { code: Errno.ENOENT } });
  });

  it.each([
    [HOSTS, { address: '10.0.0.5\nevil', names: ['a'] }],
    [HOSTS, { address: '10.0.0.5', names: ['a b'] }],
    [HOSTS, { address: '10.0.0.5', names: [] }],
    [NTP_SERVERS, { address: 'ntp; rm' }],
    [NTP_SERVERS, { address: 'ntp', minpoll: 3 }],
    [NGINX_SITES, { name: 'a', server_names: ['x; }'], port: 80 }],
    [NGINX_SITES, { name: 'a', server_names: [], port: 80, root: '/srv; }' }],
    [NGINX_SITES, { name: 'a', server_names: [], port: 80, proxy_to: 'http://x/$evil' }],
    [SUDO_USERS, { account: 'ALL', commands: ['ALL'] }],
    [SUDO_USERS, { account: 'bob', commands: ['/bin/sh, ALL'] }],
    [SUDO_USERS, { account: 'bob', commands: ['id'] }],
    [SMB_SHARES, { name: 'a]', path: '/srv', accounts: [] }],
    [SMB_SHARES, { name: 'a', path: '/srv/%u', accounts: [] }],
    [CERTIFICATES, { name: '../a', certificate: 'x', key: 'y' }],
  ])('of %j are refused: %j', async ({ ...kind }, row) => {
    await expect(runTask(taskOf(kind, 'create'), [row], bench())).rejects.toThrow();
    expect(await datastore.count(kind.collection)).toBe(0);
  });
});

describe('tasks that have files generated', () => {
  const report = (outcome: string) => ({
    id: 'g',
    files: [{ name: 'a', outcome, ...(outcome === 'failed' && { error: { stage: 'validate' } }) }],
    actions: [],
  });
  const etcd = async (outcome: string): Promise<void> => {
    dispatcher = new FakeDispatcher({
      'etcd.file.query': [
        { name: 'a', groups: ['g1', 'g2'] },
        { name: 'alone', groups: [] },
      ],
      'etcd.generation.generate': () => {
        if (outcome !== 'failed') return report(outcome);
        throw new RpcException(Errno.EIO, 'Generation failed: a (validate)', report(outcome));
      },
      'etcd.generation.rollback': () => report(outcome),
    });
    await dispatcher.registerResource('etc');
  };
  const claims = (arg: object): Promise<unknown> =>
    verifyTask(GenerateTask, [{ all: false, ...arg }], bench());

  it('claim the groups of their files, and everything for files of none', async () => {
    await etcd('changed');
    expect(await claims({ groups: ['g3'] })).toEqual(['etc:g3']);
    expect(await claims({ names: ['a'], groups: ['g3'] })).toEqual(['etc:g1', 'etc:g2', 'etc:g3']);
    expect(await claims({ names: ['alone'] })).toEqual(['etc']);
    expect(await claims({ all: true })).toEqual(['etc']);
    await expect(claims({})).rejects.toMatchObject({ code: Errno.EINVAL });
  });

  it('return the report, or fail with it', async () => {
    await etcd('changed');
    const arg = { names: ['a'], all: false };
    expect(await runTask(GenerateTask, [arg], bench())).toMatchObject({
      state: 'FINISHED',
      result: { id: 'g' },
    });
    await etcd('failed');
    expect(await runTask(GenerateTask, [arg], bench())).toMatchObject({
      state: 'FAILED',
      error: {
        code: Errno.EIO,
        message: 'Generation failed: a (validate)',
        extra: { id: 'g' },
      },
    });
    await etcd('rolled_back');
    expect(await runTask(RollbackTask, [{ name: 'a', revision: 1 }], bench())).toMatchObject({
      state: 'FAILED',
    });
  });
});

it('turn nothing on by themselves', () => {
  const on = Object.entries(new EtcSettings()).filter(([, value]) => value === true);
  expect(on).toEqual([]);
});
