import { once } from 'node:events';
import { isSchema, propertiesOf, specialOf } from '../../../values/index.js';
import { type Entity, type Namespace, wordsOf } from '../../namespaces/index.js';
import { callMethod, type Evaluation } from '../evaluation.js';
import { NONE } from '../flow.js';
import { shellLiteral } from '../literal.js';
import { type BuiltIn, doing, texts } from './built-in.js';
import { placeOf } from './places.js';

/** The commands that make anew what is at a place and below it; what is secret is left out, and said. */
export const dump: BuiltIn = doing(async (call) => {
  const { evaluation } = call;
  const words = await texts(call);
  const { shell, io, signal } = evaluation;
  const place = words.length === 0 ? shell.place : placeOf(words, evaluation);
  for (const namespace of below(place.namespace)) {
    const { entity } = namespace;
    if (entity === null || entity.create === null) continue;
    const only = namespace === place.namespace ? place.item : null;
    for await (const line of lines(entity, { namespace, only, evaluation })) {
      if (!io.output.write(`${line}\n`)) await once(io.output, 'drain', { signal });
    }
  }
  return NONE;
});

const below = (namespace: Namespace): readonly Namespace[] => [
  namespace,
  ...[...namespace.children.values()].flatMap(below),
];

interface Dumped {
  readonly namespace: Namespace;
  /** The key of the one row that is wanted; null for all. */
  readonly only: string | null;
  readonly evaluation: Evaluation;
}

async function* lines(entity: Entity, { namespace, only, evaluation }: Dumped) {
  const { create, key, query, definitions } = entity;
  const items = create?.signature.items ?? [];
  const properties = items.length === 1 ? propertiesOf(items[0], definitions) : null;
  const path = `/${wordsOf({ namespace, item: null }).join(' ')}`;
  if (properties === null) {
    yield `# ${path} create takes no properties: its rows are left out`;
    return;
  }
  const secrets = Object.entries(properties)
    .filter(
      ([, schema]) =>
        specialOf(schema) === 'password' || JSON.stringify(schema).includes('"password"'),
    )
    .map(([name]) => name);
  const rows = await callMethod(
    evaluation,
    query.method,
    only === null ? [] : [[[key, '=', only]]],
  );
  for (const row of Array.isArray(rows) ? (rows as readonly unknown[]) : []) {
    if (!isSchema(row)) continue;
    const given = Object.keys(properties).filter((name) => {
      const value = Object.hasOwn(row, name) ? row[name] : null;
      return value !== null && !secrets.includes(name);
    });
    const words = given.map((name) => `${name}=${shellLiteral(row[name])}`);
    const note = secrets.length === 0 ? '' : `  # without ${secrets.join(', ')}`;
    yield `${path} create ${words.join(' ')}${note}`;
  }
}
