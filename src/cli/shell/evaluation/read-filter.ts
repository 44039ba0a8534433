import type { FilterTuple } from '../../../common/query/index.js';
import { UsageError } from '../../exit-status.js';
import {
  anyValue,
  convert,
  isSchema,
  misfitOf,
  type Schema,
  type WrittenValue,
} from '../../values/index.js';
import type { Argument } from '../grammar/index.js';
import type { Shape } from '../stages/index.js';
import type { Evaluation } from './evaluation.js';
import { written } from './expand.js';
import { noSuch } from '../../no-such.js';
import { stageHint } from './stage-hint.js';
import { unfitArgument } from './problem.js';

type Named = Extract<Argument, { kind: 'named' }>;

/** As the query language has them; `=` compares where rows are meant. */
const OPERATORS: ReadonlyMap<Named['operator'], string> = new Map([
  ['=', '='],
  ['==', '='],
  ['!=', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
  ['~=', '~'],
  ['in', 'in'],
  ['contains', 'contains'],
]);

/**
 * A condition on a row: `uid>10`, `name~=^a`, `state in [A,B]`, `tags contains x`.
 *
 * @throws UsageError for a property that there is none of; RpcException EINVAL for a value that it cannot have
 */
export async function readCondition(
  { name, operator, value }: Named,
  shape: Shape,
  evaluation: Evaluation,
): Promise<FilterTuple> {
  const schema = await propertyAt(name, shape);
  const it = await written(value, evaluation);
  if (operator === '!~=') {
    return ['nor', [[name, '~', await textOf(it, name)]]];
  }
  const sign = OPERATORS.get(operator);
  if (sign === undefined) {
    throw new UsageError(`${name}${operator} is no comparison: = != < <= > >= ~= !~= in contains`);
  }
  if (sign === '~') {
    if (itemSchema(schema) !== null)
      throw new UsageError(`${name} is a list: ${name} contains VALUE`);
    return [name, '~', await textOf(it, name)];
  }
  if (sign === 'in') return [name, 'in', listOf(it, schema, shape)];
  const wanted = sign === 'contains' ? itemSchema(schema) : schema;
  const isOrder = sign !== '=' && sign !== '!=' && sign !== 'contains';
  return [name, sign, valueFor(it, { schema: wanted, shape, name, isOrder })] as FilterTuple;
}

function textOf(it: WrittenValue, name: string): Promise<string> {
  if (it.kind === 'text' || it.kind === 'quoted') return Promise.resolve(it.text);
  throw new UsageError(`${name}: a pattern is text`);
}

interface Place {
  readonly schema: Schema | null;
  readonly shape: Shape;
  readonly name: string;
  readonly isOrder: boolean;
}

function valueFor(it: WrittenValue, { schema, shape, name }: Place): unknown {
  if (it.kind === 'text' && it.text === 'null') return null;
  const value = valueOf(it, schema, shape);
  const misfit =
    schema === null || value === null ? null : misfitOf(value, schema, shape.definitions);
  if (misfit !== null) throw unfitArgument([name, ...misfit.path], misfit.message);
  return value;
}

function valueOf(it: WrittenValue, schema: Schema | null, { definitions }: Shape): unknown {
  if (schema === null) return it.kind === 'text' ? anyValue(it.text) : convert(it, {}, definitions);
  return convert(it, schema, definitions);
}

function listOf(it: WrittenValue, schema: Schema | null, shape: Shape): readonly unknown[] {
  const list = { type: 'array', items: schema ?? {} };
  const value = convert(it, list, shape.definitions);
  return Array.isArray(value) ? value : [value];
}

function itemSchema(schema: Schema | null): Schema | null {
  const items = schema?.['items'];
  return isSchema(items) ? items : null;
}

/**
 * The schema of a property, null where that is not known.
 *
 * @throws UsageError when rows are known to have none of the name
 */
export async function propertyAt(path: string, { properties }: Shape): Promise<Schema | null> {
  if (properties === null) return null;
  if (Object.hasOwn(properties, path)) return properties[path] ?? null;
  const [head = ''] = path.split('.');
  if (head !== path && Object.hasOwn(properties, head)) return null;
  const known = Object.keys(properties);
  throw await noSuch(
    `There is no property ${path}: there are ${known.join(', ')}${stageHint(path)}`,
    path,
    known,
  );
}
