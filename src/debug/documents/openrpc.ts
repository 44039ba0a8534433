import type { MethodDescription } from '../../wire/index.js';
import { type JsonSchema, relocateReferences } from '../../schema/index.js';
import { ComponentKeys } from './component-keys.js';
import { INFO, type Offer } from './offer.js';

type Relocate = (schema: JsonSchema) => JsonSchema;

/**
 * Every method as an OpenRPC 1.3 document, what `rpc.discover` on `/jsonrpc` answers too. What
 * OpenRPC has no words for is in `x-` fields: roles, `x-private`, `x-stream`.
 */
export function openRpcDocument({ version, services, definitions }: Offer): JsonSchema {
  const keys = new ComponentKeys(Object.keys(definitions));
  const relocate: Relocate = (schema) =>
    relocateReferences(schema, (name) => {
      const key = keys.get(name);
      return key === null ? null : `#/components/schemas/${key}`;
    });
  return {
    openrpc: '1.3.2',
    info: { ...INFO, version },
    methods: services.flatMap(({ name, methods }) =>
      methods.map((method) => methodObject(name, method, relocate)),
    ),
    components: { schemas: keys.rename(Object.entries(definitions), relocate) },
  };
}

function methodObject(service: string, method: MethodDescription, relocate: Relocate): JsonSchema {
  const { description, deprecated, roles, parameters } = method;
  return {
    name: `${service}.${method.name}`,
    tags: [{ name: service }],
    ...(description !== null && { summary: description }),
    ...(deprecated !== null && { deprecated: true, description: `Deprecated: ${deprecated}` }),
    paramStructure: parameters === null ? 'by-position' : 'either',
    params: paramObjects(method, relocate),
    result: { name: 'result', schema: relocate(method['result-schema'] ?? {}) },
    ...(roles.length > 0 && { 'x-roles': roles }),
    ...(method.private && { 'x-private': true }),
    ...(method.unauthenticated && { 'x-unauthenticated': true }),
    ...(method.generator && { 'x-stream': true }),
  };
}

function paramObjects(method: MethodDescription, relocate: Relocate): JsonSchema[] {
  const { parameters, 'params-schema': schema } = method;
  const items = schema?.items ?? parameters?.map((): JsonSchema => ({})) ?? [];
  const required = schema === undefined ? 0 : (schema.minItems ?? items.length);
  return items.map((item, index) => ({
    name: parameters?.[index] ?? `arg${index}`,
    required: index < required,
    schema: relocate(item),
  }));
}
