import { type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  classMetadata,
  Datastore,
  Dispatcher,
  Logger,
  Password,
  settingsMetadata,
  type Task,
} from 'dispatcher';
import { FakeDispatcher, memoryDatastore, memorySettings } from 'dispatcher/testing';
import { hostname, totalmem } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Call, exploreService, type MethodHandler, ServiceOwner } from '../src/rpc/index.js';
import { SchemaRegistry } from '../src/schema/index.js';
import { describeTaskClass, type TaskClassDescription } from '../src/tasks/index.js';
import EtcPlugin from './etc/index.js';
import { ROW_KINDS } from './etc/rows/row-kinds.js';
import { FilesSettings } from './files/files.settings.js';
import FilesPlugin from './files/index.js';
import NetworkPlugin from './network/index.js';
import type { NetworkInterface } from './network/schemas/network-interface.schema.js';
import StoragePlugin from './storage/index.js';
import type { StorageDevice } from './storage/schemas/storage-device.schema.js';
import type { StorageMount } from './storage/schemas/storage-mount.schema.js';
import SystemPlugin from './system/index.js';
import type { SystemProcess } from './system/schemas/system-process.schema.js';

// The shipped plugins as the server loads them, on the machine that runs the test: Nest constructs
// the classes, and every result is checked against the schema that the plugin publishes.
const schemas = new SchemaRegistry();
const methods = new Map<string, MethodHandler>();
const tasks = new Map<string, TaskClassDescription>();
const contexts: INestApplicationContext[] = [];

const datastore = memoryDatastore();

class ServerModule {}
const SERVER = {
  module: ServerModule,
  global: true,
  providers: [
    { provide: Dispatcher, useValue: new FakeDispatcher({ 'task.query': [] }) },
    { provide: Datastore, useFactory: () => datastore },
    { provide: Logger, useValue: {} },
  ],
  exports: [Dispatcher, Datastore, Logger],
};

async function load(plugin: Type): Promise<void> {
  class RootModule {}
  class SettingsModule {}
  const providers = await Promise.all(
    classMetadata(plugin).plugin!.settings.map(async (type) => ({
      provide: settingsMetadata(type).token,
      useValue: await memorySettings(
        type,
        type === FilesSettings ? { watch: [{ path: '/etc' }] } : {},
      ),
    })),
  );
  const settings = { module: SettingsModule, global: true, providers, exports: providers };
  const root = { module: RootModule, imports: [SERVER, settings, plugin] };
  const context = await NestFactory.createApplicationContext(root, { logger: false });
  contexts.push(context);
  const metadata = classMetadata(plugin).plugin!;
  const owner = new ServiceOwner(plugin.name);
  for (const type of metadata.schemas) schemas.define(type.name, type, { owner: owner.name });
  for (const type of metadata.providers) {
    const { role } = classMetadata(type);
    if (role?.kind === 'task') {
      tasks.set(role.name, describeTaskClass(type as Type<Task>, schemas, owner.name));
    }
    if (role?.kind !== 'provider') continue;
    const instance = context.get<object>(type, { strict: false });
    const service = exploreService({ service: role.name, instance, owner }, schemas);
    for (const [name, handler] of service.methods) methods.set(`${role.name}.${name}`, handler);
  }
}

async function call<T = unknown>(method: string, ...args: unknown[]): Promise<T> {
  const handler = methods.get(method)!;
  const sender = { kind: 'user', user: 'root', roles: [], address: '', sessionId: 1 } as const;
  expect(handler.argumentsValidator?.validate(args)).toBeNull();
  return (await handler.invoke(args, new Call(method, args, sender))) as T;
}

const METHODS = [
  'system.info',
  'system.hardware',
  'system.memory',
  'system.load',
  'system.uptime',
  'system.time',
  'system.process.query',
  'file.watch.query',
  'network.interface.query',
  'network.route.query',
  'storage.device.query',
  'storage.mount.query',
  ...ROW_KINDS.map(({ name }) => `${name}.query`),
];

/** Those that need arguments, with some. */
const ASKED: readonly [method: string, ...args: unknown[]][] = [
  ['storage.mount.resource_of_path', '/'],
  ['storage.path.reserve', 1, [{ path: '/srv/../etc/', mode: 'shared' }]],
];

const TASKS = ['files.archive', 'files.backup', 'files.checksum', 'files.copy', 'system.execute'];
const ROW_TASKS = ROW_KINDS.flatMap(({ name }) =>
  ['create', 'update', 'delete'].map((operation) => `${name}.${operation}`),
);
const FILE_TASKS = ['etcd.generate', 'etcd.rollback'];

beforeAll(async () => {
  for (const plugin of [SystemPlugin, NetworkPlugin, StoragePlugin, FilesPlugin, EtcPlugin])
    await load(plugin);
  await new EtcPlugin(new FakeDispatcher(), datastore).init(); // which makes its collections
});

afterAll(() => Promise.all(contexts.map((context) => context.close())));

describe('the shipped plugins', () => {
  it('offer these methods', () => {
    const asked = ASKED.map(([method]) => method);
    expect([...methods.keys()].sort()).toEqual([...METHODS, ...asked].sort());
  });

  it('offer these tasks, each described, with every argument described, and for a role', () => {
    expect([...tasks.keys()].sort()).toEqual([...TASKS, ...ROW_TASKS, ...FILE_TASKS].sort());
    for (const name of TASKS) {
      const handler = tasks.get(name)!;
      expect(handler.description, name).toMatch(/\w/);
      expect(handler.roles, name).toEqual([name === 'system.execute' ? 'admin' : 'operator']);
      expect(handler.isAbortable, name).toBe(true);
      expect(handler.argumentsValidator?.schemas, name).toHaveLength(1);
      expect(handler.resultValidator, name).not.toBeNull();
    }
  });

  it.each(ASKED)('%s answers with what its schema promises', async (...[method, ...args]) => {
    const { resultValidator, description } = methods.get(method)!;
    expect(description.description).toMatch(/\w/);
    expect(resultValidator?.validate(await call(method, ...args))).toBeNull();
  });

  it.each(METHODS)('%s answers with what its schema promises, twice', async (method) => {
    const { resultValidator, description } = methods.get(method)!;
    expect(description.description).toMatch(/\w/);
    expect(resultValidator?.validate(await call(method))).toBeNull();
    expect(resultValidator?.validate(await call(method))).toBeNull();
  });

  it('have schemas that refuse what is not their shape', () => {
    const { resultValidator } = methods.get('system.memory')!;
    expect(resultValidator?.validate({ total_bytes: 'much' })).not.toBeNull();
  });
});

describe('the etc plugin', () => {
  it('changes what lands in files of the system for administrators alone', () => {
    for (const name of [...ROW_TASKS, ...FILE_TASKS]) {
      const handler = tasks.get(name)!;
      expect(handler.description, name).toMatch(/\w/);
      expect(handler.roles, name).toEqual(['admin']);
      expect(handler.argumentsValidator, name).not.toBeNull();
    }
  });

  it('shows rows that fit their schema, those with a password too', async () => {
    const row = {
      name: 'nas',
      certificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      key: new Password('a key'),
    };
    await datastore.insert('etc.certificates', row);
    const rows = await call<{ key: Password }[]>('etc.certificate.query');
    expect(rows[0]?.key.reveal()).toBe('a key');
    expect(methods.get('etc.certificate.query')!.resultValidator?.validate(rows)).toBeNull();
    expect(JSON.stringify(rows)).not.toContain('a key');
  });
});

describe('the system plugin', () => {
  it('knows the host, its memory and its start', async () => {
    expect(await call('system.info')).toMatchObject({ hostname: hostname(), platform: 'linux' });
    expect(await call('system.memory')).toMatchObject({ total_bytes: totalmem() });
    const { seconds, booted_at } = await call<{ seconds: number; booted_at: Date }>(
      'system.uptime',
    );
    expect(Math.abs(Date.now() - seconds * 1000 - booted_at.getTime())).toBeLessThan(60_000);
  });

  it('answers queries over processes', async () => {
    const found = await call<SystemProcess>('system.process.query', [['pid', '=', process.pid]], {
      single: true,
    });
    expect(found.parent_pid).toBe(process.ppid);
  });
});

describe('the network plugin', () => {
  it('finds the loopback interface with its address', async () => {
    const [loopback] = await call<NetworkInterface[]>('network.interface.query', [
      ['name', '=', 'lo'],
    ]);
    expect(loopback).toMatchObject({ type: 'loopback', mac: null, is_enabled: true });
    expect(loopback?.addresses).toContainEqual({
      family: 'ipv4',
      address: '127.0.0.1',
      prefix_length: 8,
    });
  });
});

describe('the storage plugin', () => {
  it('knows the file system of a path, and none for what the kernel makes up', async () => {
    expect(await call('storage.mount.resource_of_path', '/')).toMatch(/^filesystem:\//);
    expect(await call('storage.mount.resource_of_path', '/proc/self')).toBeNull();
  });

  it('claims paths in their plainest form', async () => {
    const claims = [{ path: '/usr/../etc//', mode: 'shared' }];
    expect(await call('storage.path.reserve', 1, claims)).toEqual([
      { resource: 'path:/etc', mode: 'shared' },
    ]);
  });

  it('finds the root file system and its size', async () => {
    const mounts = await call<StorageMount[]>('storage.mount.query', [['target', '=', '/']]);
    expect(mounts.at(-1)?.capacity?.total_bytes).toBeGreaterThan(0);
  });

  it('lists devices that form a tree: every parent knows its child, and the reverse', async () => {
    const devices = await call<StorageDevice[]>('storage.device.query');
    const byName = new Map(devices.map((device) => [device.name, device]));
    for (const { name, parents, children } of devices) {
      for (const parent of parents) expect(byName.get(parent)?.children).toContain(name);
      for (const child of children) expect(byName.get(child)?.parents).toContain(name);
    }
  });
});
