import type { JsonSchema } from '../schema/index.js';
import type { PluginReport } from './plugin-report.js';

/** What works and is most likely not meant so: one sentence each, the thing's name first. */
export function warningsAbout(
  report: Omit<PluginReport, 'warnings'>,
  document: JsonSchema,
): string[] {
  const { providers, tasks, events, schemas } = report;
  return [
    ...providers.flatMap(({ name, description, methods }) => [
      ...(methods.length === 0
        ? [`provider ${name}: has no method with @accepts, @returns or @query: nobody can call it`]
        : []),
      ...(description === null ? [`provider ${name}: has no @description`] : []),
      ...methods.flatMap((method) => [
        ...(method['result-schema'] === undefined
          ? [`method ${name}.${method.name}: has no @returns: its results go out unchecked`]
          : []),
        ...(method.description === null
          ? [`method ${name}.${method.name}: has no @description`]
          : []),
      ]),
    ]),
    ...tasks.flatMap(({ name, description, schema }) => [
      ...(schema === null
        ? [`task ${name}: has no @accepts: its arguments come in unchecked`]
        : []),
      ...(description === null ? [`task ${name}: has no @description`] : []),
    ]),
    ...events.flatMap(({ name, description }) =>
      description === null ? [`event ${name}: has no @description`] : [],
    ),
    ...schemas
      .filter((name) => !isUsed(name, report, document))
      .map((name) => `schema ${name}: nothing refers to it`),
  ];
}

/** By a method, a task, an event, or another definition. */
function isUsed(
  name: string,
  { providers, tasks, events }: Omit<PluginReport, 'warnings'>,
  document: JsonSchema,
): boolean {
  const definitions = (document['definitions'] ?? {}) as Readonly<Record<string, unknown>>;
  const others = Object.entries(definitions).filter(([other]) => other !== name);
  const text = JSON.stringify([providers, tasks, events, others.map(([, schema]) => schema)]);
  return text.includes(`/${name}"`);
}
