import type { EventTypeRow, MethodDescription, TaskClassRow } from '../wire/index.js';

/** A JSON Schema, as far as types follow from it. */
export type ApiSchema = boolean | Readonly<Record<string, unknown>>;

/** All that a server offers, as its service `discovery` tells it. */
export interface ApiDescription {
  /** Equal as long as the definitions say the same. */
  readonly hash: string;
  readonly definitions: Readonly<Record<string, ApiSchema>>;
  /** By the name of the service. */
  readonly methods: Readonly<Record<string, readonly MethodDescription[]>>;
  readonly tasks: Readonly<Record<string, TaskClassRow>>;
  readonly events: Readonly<Record<string, EventTypeRow>>;
}

/** Calls one method of a server. */
type Ask = <Answer>(method: string, args?: readonly unknown[]) => Promise<Answer>;

/**
 * Asks a server what it offers.
 *
 * @throws (rejects with) whatever a call is answered with
 *
 * @example
 * const api = await describeApi((method, args) => client.call(method, args));
 */
export async function describeApi(ask: Ask): Promise<ApiDescription> {
  const [hash, schema, tasks, events, services] = await Promise.all([
    ask<string>('discovery.get_schema_hash'),
    ask<{ definitions?: Record<string, ApiSchema> }>('discovery.get_schema'),
    ask<ApiDescription['tasks']>('discovery.get_tasks'),
    ask<ApiDescription['events']>('discovery.get_event_types'),
    ask<string[]>('discovery.get_services'),
  ]);
  const lists = await Promise.all(
    services.map((service) => ask<MethodDescription[]>('discovery.get_methods', [service])),
  );
  const methods = Object.fromEntries(
    services.map((service, at) => [service, lists[at] ?? []] as const),
  );
  return { hash, definitions: schema.definitions ?? {}, methods, tasks, events };
}
