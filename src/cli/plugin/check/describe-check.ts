import { printable } from '../../output/index.js';
import type { CheckedPlugin } from './run-worker.js';

/** A line for each thing that the plugin registers. */
export function describeCheck(report: CheckedPlugin): string {
  const { plugin, providers, tasks, sources, events, schemas, hooks, resources } = report;
  const lines = [
    `Plugin ${plugin.name} loads`,
    ...named('depends on', plugin.depends),
    ...providers.flatMap(({ name, methods }) => [
      `  provider ${name}`,
      ...methods.map(
        (method) =>
          `    ${name}.${method.name}(${(method['params-schema']?.items ?? []).map(shapeOf).join(', ')}) → ${shapeOf(method['result-schema'] ?? {})}`,
      ),
    ]),
    ...tasks.map(({ name, executor }) => `  task ${name} (${executor})`),
    ...named('event source', sources),
    ...events.map(
      ({ name, event_schema: schema }) =>
        `  event ${name}${schema === null ? '' : `: ${shapeOf(schema)}`}`,
    ),
    ...named('schema', schemas),
    ...named('hook', hooks),
    ...named('resource', resources),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function named(what: string, names: readonly string[]): string[] {
  return names.map((name) => `  ${what} ${name}`);
}

/** In a word or two; `--json` has it all. */
function shapeOf(schema: object): string {
  const {
    $ref,
    type,
    title,
    enum: values,
    anyOf,
    oneOf,
    items,
  } = schema as Record<string, unknown>;
  if (typeof $ref === 'string') return $ref.slice($ref.lastIndexOf('/') + 1);
  if (typeof title === 'string') return title;
  if (type === 'array' && isSchema(items)) return `${shapeOf(items)}[]`;
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return type.join(' | ');
  const choices = anyOf ?? oneOf;
  if (Array.isArray(choices)) return choices.filter(isSchema).map(shapeOf).join(' | ');
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)).join(' | ') : 'any';
}

function isSchema(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
