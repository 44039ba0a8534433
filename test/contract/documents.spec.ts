import asyncApiSpecs from '@asyncapi/specs';
import jsonSchemaMetaSchema from '@json-schema-tools/meta-schema';
import openRpcMetaSchema from '@open-rpc/meta-schema';
import { Ajv, type AnySchema } from 'ajv';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PlainClient } from '../support/plain-client.js';
import { PluginServer } from './plugin-server.js';

const PLUGIN = `
import { accepts, deprecated, description, Dispatcher, EventSource, eventSource, generator, h, params, Plugin, Provider, provider, requireRoles, returns, Task, task } from 'dispatcher';

@provider('tree')
export class TreeProvider extends Provider {
  @description('Grows a tree') @accepts(h.ref('TreeNode'), h.optional(h.integer({ default: 3 }))) @returns(h.array(h.ref('TreeNode')))
  grow(seed: unknown, years?: number) { return [seed, years]; }
  @deprecated('use grow') @requireRoles('operator') @accepts() @returns(null) plant() { return null; }
  @accepts() @returns(h.array(h.integer())) @generator() *rings() { yield 1; }
  @params('a', 'b') @accepts(h.integer(), h.any()) @returns(h.any()) named(...all: unknown[]) { return all; }
}
@eventSource('tree.fell')
export class FellSource extends EventSource { async run() {} }
@task('tree.cut') @accepts(h.ref('TreeNode')) @returns(h.integer())
export class CutTask extends Task { verify() { return ['system']; } run() { return 1; } }
@Plugin({ providers: [TreeProvider, FellSource, CutTask] })
export default class {
  constructor(private readonly dispatcher: Dispatcher) {}
  init() {
    this.dispatcher.registerSchemaDefinition('TreeNode', h.object({ child: h.optional(h.ref('TreeNode')) }));
  }
}
`;

type Json = Readonly<Record<string, unknown>>;

/** As the meta schema of OpenRPC spells it. */
const JSON_SCHEMA = 'https://meta.json-schema.tools';

let server: PluginServer;

beforeAll(async () => {
  server = await PluginServer.start(
    { 'tree/index.ts': PLUGIN },
    { dispatcher: { frontend: true } },
  );
});
afterEach(() => server.closeClients());
afterAll(() => server.stop());

async function fetched(name: string): Promise<Json> {
  const base = /http:\/\/[^)]+/.exec(server.process.readyLine)?.[0] ?? '';
  const response = await fetch(new URL(name, base));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  return (await response.json()) as Json;
}

/** Both meta schemas name a dialect of their own that nobody has but them. */
function withoutDialect(schema: Json): AnySchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema'));
}

/** Every `$ref` in the document that points to nothing in it. */
function danglingReferences(document: Json): string[] {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)];
  return references
    .map(([, pointer = '']) => pointer)
    .filter((pointer) => {
      const parts = pointer.replace('#/', '').split('/');
      const found = parts.reduce<unknown>((at, part) => {
        const key = decodeURI(part).replaceAll('~1', '/').replaceAll('~0', '~');
        return (at as Json | undefined)?.[key];
      }, document);
      return found === undefined;
    });
}

async function discoveredMethods(client: PlainClient): Promise<string[]> {
  const services = await client.result<string[]>('discovery.get_services');
  const names: string[] = [];
  for (const service of services) {
    const methods = await client.result<{ name: string }[]>('discovery.get_methods', service);
    names.push(...methods.map(({ name }) => `${service}.${name}`));
  }
  return names.sort();
}

describe('the OpenRPC document', () => {
  it('is valid by the meta schema of its makers, and every reference in it leads somewhere', async () => {
    const document = await fetched('/openrpc.json');
    const ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.addSchema(withoutDialect(jsonSchemaMetaSchema));
    // it names the other meta schema by two spellings of one address
    const meta = JSON.stringify(openRpcMetaSchema).replaceAll(
      `"${JSON_SCHEMA}"`,
      `"${JSON_SCHEMA}/"`,
    );
    const isValid = ajv.validate(withoutDialect(JSON.parse(meta) as Json), document);
    expect(ajv.errors).toBeNull();
    expect(isValid).toBe(true);
    expect(danglingReferences(document)).toEqual([]);
  });

  it('has every method that discovery knows and no other, and says of each what discovery says', async () => {
    const document = await fetched('/openrpc.json');
    const client = await server.admin();
    const methods = document['methods'] as (Json & { name: string })[];
    expect(methods.map(({ name }) => name).sort()).toEqual(await discoveredMethods(client));
    const method = (name: string): Json => methods.find((one) => one.name === name) ?? {};
    expect(method('tree.grow')).toMatchObject({
      summary: 'Grows a tree',
      paramStructure: 'either',
      params: [
        { name: 'seed', required: true },
        { name: 'years', required: false, schema: { type: 'integer', default: 3 } },
      ],
    });
    expect(method('tree.plant')).toMatchObject({ deprecated: true, 'x-roles': ['operator'] });
    expect(method('tree.rings')).toMatchObject({ 'x-stream': true });
    expect(method('tree.named')).toMatchObject({ params: [{ name: 'a' }, { name: 'b' }] });
    const schema = await client.result<{ definitions: Json }>('discovery.get_schema');
    const { schemas } = document['components'] as { schemas: Json };
    expect(Object.keys(schemas)).toHaveLength(Object.keys(schema.definitions).length);
  });
});

describe('the AsyncAPI document', () => {
  it('is valid by the official schema, and every reference in it leads somewhere', async () => {
    const document = await fetched('/asyncapi.json');
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const isValid = ajv.validate(asyncApiSpecs.schemasWithoutId['3.0.0'] as AnySchema, document);
    expect(ajv.errors).toBeNull();
    expect(isValid).toBe(true);
    expect(danglingReferences(document)).toEqual([]);
  });

  it('has every event type and every class of tasks that discovery knows and no other', async () => {
    const document = await fetched('/asyncapi.json');
    const client = await server.admin();
    const types = await client.result<Json>('discovery.get_event_types');
    const { messages } = document['components'] as { messages: Record<string, { name: string }> };
    const names = Object.values(messages).map(({ name }) => name);
    expect(names.sort()).toEqual([...Object.keys(types), 'subscribe-frame'].sort());
    const tasks = await client.result<Json>('discovery.get_tasks');
    expect(Object.keys(document['x-tasks'] as Json).sort()).toEqual(Object.keys(tasks).sort());
  });

  it('describes an event as it travels', async () => {
    const document = await fetched('/asyncapi.json');
    const client = await server.admin();
    client.send('events', 'subscribe', null, ['session.changed']);
    await server.admin();
    const frame = await client.find(({ name }) => name === 'event');
    const payload = { $ref: '#/components/messages/session.changed/payload' };
    const ajv = new Ajv({ strict: false });
    ajv.addSchema({ ...document, $id: 'doc', ...payload });
    const validate = ajv.compile({ $ref: 'doc#/components/messages/session.changed/payload' });
    expect(validate(frame)).toBe(true);
    expect(validate({ ...frame, args: { name: 'session.changed', args: { ids: 'x' } } })).toBe(
      false,
    );
  });
});

describe('documents', () => {
  it('of schemas are the document that discovery gives', async () => {
    const client = await server.admin();
    expect(await fetched('/schema.json')).toEqual(await client.result('discovery.get_schema'));
  });

  it('follow what plugins and external services offer', async () => {
    const before = await fetched('/openrpc.json');
    const service = await server.service('outside');
    await service.result('plugin.register_service', 'outside');
    await service.result('plugin.register_event_type', 'outside', 'outside.odd/event');
    const types = (await fetched('/asyncapi.json'))['components'] as { messages: Json };
    expect(Object.keys(types.messages)).toContain('outside.odd_2fevent');
    await service.close();
    await expect.poll(() => fetched('/openrpc.json')).toEqual(before);
  });
});
