import { CommandError, EXIT } from '../../exit-status.js';
import { convert, isSchema } from '../../values/index.js';
import type { Entity } from '../namespaces/index.js';
import { callMethod, type Evaluation } from './evaluation.js';

/** The key as its property has it: a number where that is one. */
export function keyValue({ key, properties, definitions }: Entity, item: string): unknown {
  const schema = properties !== null && Object.hasOwn(properties, key) ? properties[key] : {};
  return convert({ kind: 'text', text: item }, schema, definitions);
}

/** @throws CommandError 1 when there is none */
export async function readRow(
  entity: Entity,
  item: string,
  evaluation: Evaluation,
): Promise<Readonly<Record<string, unknown>>> {
  const { key, query, service } = entity;
  const filter = [[key, '=', keyValue(entity, item)]];
  const row = await callMethod(evaluation, query.method, [filter, { single: true }]);
  if (isSchema(row)) return row;
  throw new CommandError(EXIT.failed, `There is no ${service} ${JSON.stringify(item)}`);
}
