import { coded } from '../../common/index.js';
import type { JsonSchema } from '../../sdk/index.js';

const MAX_BYTES = 65_536;
/** Schemas are walked by recursion, so the bound keeps the stack safe. */
const MAX_DEPTH = 64;

/** @throws RpcException EOVERFLOW or EINVAL for a schema larger or deeper than anybody needs */
export function assertSchemaSize(name: string, schema: JsonSchema): void {
  assertDepth(schema, 0);
  if (Buffer.byteLength(JSON.stringify(schema)) > MAX_BYTES) {
    throw coded('SCHEMA_TOO_LARGE', { name: name.slice(0, 256), limit: MAX_BYTES });
  }
}

function assertDepth(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw coded('VALUE_TOO_DEEP');
  for (const item of Object.values(value)) assertDepth(item, depth + 1);
}
