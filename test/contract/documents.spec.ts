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

interface DiscoveredMethod {
  readonly name: string;
  readonly description: string | null;
  readonly deprecated: string | null;
  readonly roles: readonly string[];
  readonly private: boolean;
  readonly unauthenticated: boolean;
  readonly generator: boolean;
  readonly parameters: readonly string[] | null;
  readonly 'params-schema'?: { readonly items: readonly Json[]; readonly minItems?: number };
  readonly 'result-schema'?: Json;
}

/** What discovery says of every method, by its whole name. */
async function discoveredMethods(client: PlainClient): Promise<Map<string, DiscoveredMethod>> {
  const found = new Map<string, DiscoveredMethod>();
  for (const service of await client.result<string[]>('discovery.get_services')) {
    const methods = await client.result<DiscoveredMethod[]>('discovery.get_methods', service);
    for (const method of methods) found.set(`${service}.${method.name}`, method);
  }
  return found;
}

/** A schema of discovery as both documents have it: the same, but that definitions lie elsewhere. */
function relocated<T>(schema: T): T {
  return JSON.parse(
    JSON.stringify(schema).replaceAll('"#/definitions/', '"#/components/schemas/'),
  ) as T;
}

/** All that discovery says of a method, as OpenRPC would have it. */
function asOpenRpc(name: string, method: DiscoveredMethod): Json {
  const { description, deprecated, roles, parameters } = method;
  const items = method['params-schema']?.items ?? (parameters ?? []).map(() => ({}));
  const least = method['params-schema'] === undefined ? 0 : method['params-schema'].minItems;
  return {
    name,
    tags: [{ name: name.slice(0, name.lastIndexOf('.')) }],
    ...(description !== null && { summary: description }),
    ...(deprecated !== null && { deprecated: true, description: `Deprecated: ${deprecated}` }),
    paramStructure: parameters === null ? 'by-position' : 'either',
    params: items.map((schema, index) => ({
      name: parameters?.[index] ?? `arg${index}`,
      required: index < (least ?? items.length),
      schema: relocated(schema),
    })),
    result: { name: 'result', schema: relocated(method['result-schema'] ?? {}) },
    ...(roles.length > 0 && { 'x-roles': roles }),
    ...(method.private && { 'x-private': true }),
    ...(method.unauthenticated && { 'x-unauthenticated': true }),
    ...(method.generator && { 'x-stream': true }),
  };
}

/** What lies at a path of a document. */
function member(value: unknown, ...path: readonly string[]): Json {
  return path.reduce<unknown>((at, key) => (at as Json)[key], value) as Json;
}

interface DiscoveredEvent {
  readonly description: string | null;
  readonly event_schema: Json | null;
  readonly source: string | null;
}

interface DiscoveredTask {
  readonly description: string | null;
  readonly schema: readonly Json[] | null;
  readonly abortable: boolean;
  readonly private: boolean;
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
    const discovered = await discoveredMethods(client);
    expect(methods.map(({ name }) => name).sort()).toEqual([...discovered.keys()].sort());
    for (const method of methods) {
      expect(method, method.name).toEqual(asOpenRpc(method.name, discovered.get(method.name)!));
    }
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
    expect(document['components']).toEqual({ schemas: relocated(schema.definitions) });
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

  it('has every event type that discovery knows and no other, and says of each what discovery says', async () => {
    const document = await fetched('/asyncapi.json');
    const client = await server.admin();
    const types = await client.result<Record<string, DiscoveredEvent>>('discovery.get_event_types');
    const { messages, schemas } = document['components'] as {
      messages: Record<string, Json & { name: string }>;
      schemas: Json;
    };
    const names = Object.values(messages).map(({ name }) => name);
    expect(names.sort()).toEqual([...Object.keys(types), 'subscribe-frame'].sort());
    for (const { name, summary, payload, ...rest } of Object.values(messages)) {
      const type = types[name];
      if (type === undefined) continue;
      expect(summary ?? null, name).toBe(type.description);
      expect(rest['x-source'] ?? null, name).toBe(type.source);
      const args = member(payload, 'properties', 'args');
      expect(member(args, 'properties', 'name'), name).toEqual({ const: name });
      // a timestamp comes along besides what the schema names
      const schema = { ...type.event_schema };
      delete schema['additionalProperties'];
      const expected = type.event_schema === null ? undefined : [relocated(schema)];
      expect(member(args, 'properties', 'args')['allOf'], name).toEqual(expected);
    }
    const { definitions } = await client.result<{ definitions: Json }>('discovery.get_schema');
    expect(schemas).toEqual(relocated(definitions));
  });

  it('has every class of tasks that discovery knows and no other, and says of each what discovery says', async () => {
    const document = await fetched('/asyncapi.json');
    const client = await server.admin();
    const tasks = await client.result<Record<string, DiscoveredTask>>('discovery.get_tasks');
    const classes = Object.entries(tasks).map(([name, task]) => {
      const { description, schema, abortable, private: isPrivate } = task;
      const told = description === null ? {} : { description };
      return [name, { ...told, abortable, private: isPrivate, arguments: relocated(schema) }];
    });
    expect(document['x-tasks']).toEqual(Object.fromEntries(classes));
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
