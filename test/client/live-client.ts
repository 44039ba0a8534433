import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { DispatcherClient, type DispatcherClientOptions } from '../../src/client/index.js';

/** A client of a real server that is closed when the test is over. */
export function newClient(
  url: string,
  options: Partial<DispatcherClientOptions> = {},
): DispatcherClient {
  const client = new DispatcherClient({
    url,
    webSocket: WebSocket,
    backOff: { firstMs: 10, longestMs: 100 },
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

/** The same, logged in as root of this machine. */
export async function rootClient(
  url: string,
  options: Partial<DispatcherClientOptions> = {},
): Promise<DispatcherClient> {
  const client = newClient(url, options);
  await client.connect();
  await client.login({ kind: 'local', username: 'root' });
  return client;
}
