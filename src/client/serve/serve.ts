import type { DispatcherClient } from '../dispatcher-client.js';
import type { Service } from './service-description.js';
import { ServiceHost } from './service-host.js';

export interface ServeOptions {
  /**
   * Told when the server does not take the service again after a reconnect, with the reason; it is tried
   * again until it does. Not given: nobody is told.
   */
  readonly onRefused?: (error: Error) => void;
  /**
   * The name is taken at once, but calls wait at the server until this resolves, for as long as that lets
   * them. Not given: they come at once.
   */
  readonly resumeAfter?: Promise<unknown>;
  /** Told whenever calls come: the first time, and after each reconnect. */
  readonly onResumed?: () => void;
}

export interface ServedService {
  readonly name: string;
  /** Takes the service back: nobody can call it any more. */
  stop(): Promise<void>;
}

const hosts = new WeakMap<DispatcherClient, ServiceHost>();

/**
 * Offers a service: resolves when everybody can call it. It stays, over as many connections as the client
 * has. The client has to be logged in as a service (`{ kind: 'service', name }`).
 *
 * @throws (rejects with) DispatcherClientError EEXIST for a name in use, EACCES when the login may not
 *   offer services, EINVAL for a description that is wrong, ECONNABORTED without a connection
 * @example
 * await client.connect();
 * await client.login({ kind: 'service', name: 'backup-agent' });
 * const backup = await serve(client, 'backup', {
 *   list: { description: 'All backups', accepts: [], returns: { type: 'array' }, run: () => store.list() },
 *   follow: { accepts: [{ type: 'integer' }], generator: true, run: ([id], { signal }) => store.follow(id, signal) },
 * });
 */
export async function serve(
  client: DispatcherClient,
  name: string,
  service: Service,
  { onRefused = () => undefined, onResumed = () => undefined, resumeAfter }: ServeOptions = {},
): Promise<ServedService> {
  const known = hosts.get(client);
  const host = known ?? new ServiceHost();
  if (known === undefined) {
    hosts.set(client, host);
    client.answerRequests(host);
  }
  await client.withWire((wire) =>
    host.add(wire, { name, service, onRefused, onResumed, resumeAfter }),
  );
  return {
    name,
    stop: async () => {
      host.remove(name);
      await client.call('plugin.unregister_service', [name]).catch(() => undefined); // gone with the connection
    },
  };
}
