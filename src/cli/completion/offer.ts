import type { EventTypeRow, MethodDescription, TaskClassRow } from '../../wire/index.js';
import type { Options } from '../arguments/index.js';
import { CacheFile } from '../cache-file.js';
import type { CommandIo } from '../command.js';
import { addressOf, readSettings, secretsOf, type Session, withSession } from '../session/index.js';
import { type Definitions, propertiesOf } from '../values/index.js';

interface Callable {
  readonly description: string;
  /** Its arguments by name, each with what it takes. */
  readonly args: Readonly<Record<string, string>>;
}

/** What a server offers, as far as it is typed. */
export interface Offer {
  readonly services: readonly string[];
  readonly plugins: readonly string[];
  readonly methods: Readonly<Record<string, Callable>>;
  readonly tasks: Readonly<Record<string, Callable>>;
  readonly events: Readonly<Record<string, string>>;
}

const FRESH_MS = 5_000;
/** With an older answer at hand nobody waits long for a newer one. */
const REFRESH_LIMIT_MS = 80;

/**
 * What the server offers: from the cache while that is fresh, else from the server within the time of
 * the configuration, else from the cache however old it is. Null: there is neither. Nobody is asked for
 * a password, and nothing is called but `discovery` and the list of plugins.
 */
export async function offerOf(options: Options, io: CommandIo): Promise<Offer | null> {
  const configuration = await readSettings(options, io.env);
  const url = addressOf(options, io.env, configuration);
  const file = CacheFile.of('completion', `${url} ${secretsOf(options, io.env).kind}`, io.env);
  const cached = file.read();
  if (cached !== null && cached.ageMs < FRESH_MS) return cached.value as Offer;
  const limitMs =
    cached === null
      ? configuration.cli.completionTimeoutMs
      : Math.min(REFRESH_LIMIT_MS, configuration.cli.completionTimeoutMs);
  try {
    const limit = AbortSignal.any([io.interrupt, AbortSignal.timeout(limitMs)]);
    const around = { options, io: { ...io, interrupt: limit }, isQuiet: true as const };
    const offer = await withSession({ ...around, connectTimeoutMs: limitMs }, ask);
    file.write(offer);
    return offer;
  } catch {
    return (cached?.value ?? null) as Offer | null;
  }
}

async function ask({ call }: Session): Promise<Offer> {
  const [services, plugins, schema, tasks, events] = await Promise.all([
    call<readonly string[]>('discovery.get_services'),
    call<readonly string[]>('management.get_plugin_names'),
    call<{ readonly definitions?: Definitions }>('discovery.get_schema'),
    call<Readonly<Record<string, TaskClassRow>>>('discovery.get_tasks'),
    call<Readonly<Record<string, EventTypeRow>>>('discovery.get_event_types'),
  ]);
  const definitions = schema.definitions ?? {};
  const lists = await Promise.all(
    services.map(async (service) => {
      const methods = await call<readonly MethodDescription[]>('discovery.get_methods', [service]);
      return methods
        .filter((method) => !method.private)
        .map((method) => {
          const items = method['params-schema']?.items ?? [];
          const args = argumentsOf(items, method.parameters, definitions);
          const callable: Callable = { description: method.description ?? '', args };
          return [`${service}.${method.name}`, callable] as const;
        });
    }),
  );
  const taskEntries = Object.entries(tasks).map(([name, { description, schema: items }]) => {
    const args = argumentsOf(items ?? [], null, definitions);
    return [name, { description: description ?? '', args }] as const;
  });
  return {
    services,
    plugins,
    methods: Object.fromEntries(lists.flat()),
    tasks: Object.fromEntries(taskEntries),
    events: Object.fromEntries(
      Object.entries(events).map(([name, { description }]) => [name, description ?? '']),
    ),
  };
}

function argumentsOf(
  items: readonly unknown[],
  parameters: readonly string[] | null,
  definitions: Definitions,
): Readonly<Record<string, string>> {
  const properties = propertiesOf(items.at(-1), definitions);
  const named = properties === null ? [] : Object.entries(properties);
  const own = named.map(([name, { description }]) => [name, textOf(description)] as const);
  const byName = (parameters ?? []).slice(0, properties === null ? undefined : -1);
  return Object.fromEntries([...byName.map((name) => [name, ''] as const), ...own]);
}

const textOf = (description: unknown): string =>
  typeof description === 'string' ? description : '';
