import type { DispatcherClient } from '../dispatcher-client.js';
import { Collection, type CollectionOptions } from './collection.js';

const known = new WeakMap<DispatcherClient, Map<string, Collection>>();

/**
 * The rows of a service, kept in step with the server while somebody listens. Who asks for the same rows
 * again gets the same collection: they are read once for all.
 *
 * @param service - one with a method `query` and an event `changed` of `{operation, ids}`, or as the
 *   options say
 * @example
 * const tasks = collectionOf<TaskRow>(client, 'task', { filter: [['state', '=', 'EXECUTING']] });
 * const stop = tasks.on(({ rows, isCurrent }) => draw([...rows.values()], isCurrent));
 */
export function collectionOf<Row extends object = Record<string, unknown>>(
  client: DispatcherClient,
  service: string,
  options: CollectionOptions = {},
): Collection<Row> {
  const ofClient = known.get(client) ?? new Map<string, Collection>();
  known.set(client, ofClient);
  const name = JSON.stringify([service, options]);
  const collection = ofClient.get(name) ?? new Collection(client, service, options);
  ofClient.set(name, collection);
  return collection as unknown as Collection<Row>;
}
