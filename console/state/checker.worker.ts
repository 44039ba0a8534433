import { check, isValid } from '../forms/check.js';
import { exampleOf } from '../forms/example.js';
import { type Json, type JsonObject, type Schema, SchemaIndex } from '../forms/index.js';
import type { CheckerReply, CheckerRequest } from './checker.js';

/** The checker's side that may be ended at any moment. */
self.addEventListener('message', ({ data }: MessageEvent<CheckerRequest>) => {
  const result = data.kind === 'check' ? check(data.schema, data.value) : data.schemas.map(example);
  const reply: CheckerReply = { id: data.id, result };
  self.postMessage(reply);
});

function example(bundle: JsonObject): Json {
  const definitions = (bundle['definitions'] ?? {}) as Readonly<Record<string, Schema>>;
  const schemaIndex = new SchemaIndex(new Map(Object.entries(definitions)));
  const accepts = (schema: Schema, value: Json): boolean =>
    isValid(schemaIndex.bundle({ allOf: [schema] }), value);
  return exampleOf((bundle['of'] ?? true) as Schema, { schemaIndex, accepts }) ?? null;
}

self.postMessage({ id: 0, result: null } satisfies CheckerReply);
