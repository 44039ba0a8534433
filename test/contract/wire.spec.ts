import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decodeExtended } from '../../src/common/index.js';
import { h, type SchemaArg, SchemaRegistry } from '../../src/schema/index.js';
import * as wire from '../../src/wire/index.js';
import type { MethodDescription } from '../../src/wire/index.js';
import { PluginServer } from './plugin-server.js';
import { GATE_PLUGIN } from './task-plugin.js';

// What a server publishes and sends is what `src/wire` says: clients and the console have their types from there.

const schemas = new SchemaRegistry();
const published = (schema: SchemaArg): unknown =>
  JSON.parse(JSON.stringify(schemas.toJsonSchema(schema)));

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start({ 'gate.ts': GATE_PLUGIN });
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

async function resultSchema(method: string): Promise<unknown> {
  const [, service = '', name] = /^(.+)\.(\w+)$/.exec(method) ?? [];
  const admin = await server.admin();
  const list = await admin.result<MethodDescription[]>('discovery.get_methods', service);
  return list.find((described) => described.name === name)?.['result-schema'];
}

/** What a row must be, surplus properties included, which a check of results would let pass. */
function faults(schema: SchemaArg, value: unknown): unknown {
  const validator = schemas.compileArguments([schema]);
  return validator.validate([value], { strict: true });
}

describe('what discovery publishes', () => {
  it.each<[string, SchemaArg]>([
    ['task.status', wire.TASK_ROW],
    ['task.wait', wire.TASK_ROW],
    ['task.plan', wire.PLAN],
    ['task.explain', wire.EXPLANATION],
    ['task.list_resources', h.array(wire.RESOURCE_ROW)],
    ['task.list_executors', h.array(wire.EXECUTOR_ROW)],
    ['management.status', wire.STATUS],
    ['management.get_plugins', h.array(wire.PLUGIN_ROW)],
    ['management.get_connected_clients', h.array(wire.CONNECTED_CLIENT)],
    ['management.get_event_source_states', h.array(wire.EVENT_SOURCE_ROW)],
    ['log.recent', h.array(wire.LOG_RECORD)],
    ['lock.get_locks', h.array(wire.LOCK_ROW)],
    ['account.create', wire.ACCOUNT],
    ['role.create', wire.ROLE],
    ['session.whoami', wire.WHOAMI],
    ['session.get_live_user_sessions', h.array(wire.SESSION)],
  ])('as the result of %s is the schema of wire', async (method, schema) => {
    expect(await resultSchema(method)).toEqual(published(schema));
  });

  it('as the arguments of events is the schema of wire', async () => {
    const admin = await server.admin();
    const types = await admin.result<Record<string, { event_schema: unknown }>>(
      'discovery.get_event_types',
    );
    for (const table of [wire.SERVER_EVENT_TYPES, wire.TASK_EVENT_TYPES]) {
      for (const [name, { schema }] of Object.entries(table)) {
        expect([name, types[name]?.event_schema]).toEqual([name, published(schema)]);
      }
    }
  });

  it('describes methods, tasks and event types as wire says, of which it publishes no schema', async () => {
    const admin = await server.admin();
    const services = await admin.result<string[]>('discovery.get_services');
    for (const service of services) {
      const methods = await admin.result<unknown[]>('discovery.get_methods', service);
      expect([service, faults(h.array(wire.METHOD), methods)]).toEqual([service, null]);
    }
    const tasks = await admin.result('discovery.get_tasks');
    expect(faults(h.record(wire.TASK_CLASS), tasks)).toBeNull();
    const events = await admin.result('discovery.get_event_types');
    expect(faults(h.record(wire.EVENT_TYPE), events)).toBeNull();
  });
});

describe('what is sent', () => {
  it('has every field of the schema and no other', async () => {
    const admin = await server.admin();
    const id = await admin.result<number>('task.submit', 'gate.flaky', [1]);
    const rows: [SchemaArg, unknown][] = [
      [wire.TASK_ROW, await admin.result('task.wait', id)],
      [wire.EXPLANATION, await admin.result('task.explain', id)],
      [h.array(wire.RESOURCE_ROW), await admin.result('task.list_resources')],
      [h.array(wire.EXECUTOR_ROW), await admin.result('task.list_executors')],
      [wire.STATUS, await admin.result('management.status')],
      [h.array(wire.PLUGIN_ROW), await admin.result('management.get_plugins')],
      [h.array(wire.CONNECTED_CLIENT), await admin.result('management.get_connected_clients')],
      [h.array(wire.EVENT_SOURCE_ROW), await admin.result('management.get_event_source_states')],
      [h.array(wire.LOG_RECORD), await admin.result('log.recent')],
      [wire.WHOAMI, await admin.result('session.whoami')],
      [h.array(wire.SESSION), await admin.result('session.query')],
    ];
    for (const [schema, value] of rows) expect(faults(schema, decodeExtended(value))).toBeNull();
  });
});
