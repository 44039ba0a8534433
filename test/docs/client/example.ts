// #region connect
import { collectionOf, DispatcherClient, DispatcherClientError } from 'dispatcher/client';
import { serve, type ServedCall, type ServedService } from 'dispatcher/client/serve';
import { WebSocket } from 'ws'; // not in a browser, and not with Node 22 and later

export async function connected(url: string): Promise<DispatcherClient> {
  const client = new DispatcherClient({ url, webSocket: WebSocket });
  await client.connect();
  await client.login({ kind: 'password', username: 'root', password: '' });
  return client;
}
// #endregion

// #region sockets
import { readFileSync } from 'node:fs';
import { nodeSocket } from 'dispatcher/client/node';

export async function secured(url: string, certificate: string): Promise<DispatcherClient> {
  const client = new DispatcherClient({
    url,
    webSocket: nodeSocket({ ca: readFileSync(certificate) }), // cert, key, servername, headers…
    credentials: () => ({ kind: 'local', username: 'root' }),
  });
  await client.connect();
  return client;
}
// #endregion

// #region calls
export async function calls(client: DispatcherClient): Promise<void> {
  const info = await client.call<{ hostname: string }>('system.info');
  console.log(info.hostname);

  const users = await client.call('account.query', [[['username', '~', '^a']], { limit: 10 }]);
  console.log(users);

  const answer = await client.call('management.ping', [], { timeoutMs: 5_000 });
  console.log(answer);
}
// #endregion

// #region streams
export async function firstLines(client: DispatcherClient, count: number): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const line of client.stream('log.follow')) {
    lines.push(line);
    if (lines.length === count) break; // the server stops, too
  }
  return lines;
}
// #endregion

// #region events
export async function watch(client: DispatcherClient, readAgain: () => void): Promise<() => void> {
  const changes = client.events.on(
    'task.*',
    ({ name, args }) => {
      console.log(name, args);
    },
    { onGap: readAgain },
  );
  await changes.ready;
  readAgain(); // from here on nothing is missed
  return () => changes.close();
}
// #endregion

// #region rows
export function drawTasks(
  client: DispatcherClient,
  draw: (names: readonly string[], isCurrent: boolean) => void,
): () => void {
  const tasks = collectionOf<{ name: string }>(client, 'task', {
    filter: [['state', '=', 'FINISHED']],
  });
  return tasks.on(({ rows, isCurrent }) =>
    draw(
      [...rows.values()].map(({ name }) => name),
      isCurrent,
    ),
  );
}
// #endregion

// #region tasks
export async function checksum(client: DispatcherClient, source: string): Promise<unknown> {
  const id = await client.tasks.submit('files.checksum', [{ source }], {
    idempotencyKey: `checksum of ${source}`,
  });
  for await (const update of client.tasks.follow(id)) {
    if (update.kind === 'progress') console.log(update.percentage);
  }
  const { state, result } = await client.tasks.wait(id);
  return state === 'FINISHED' ? result : null;
}
// #endregion

// #region errors
export async function exists(client: DispatcherClient, task: number): Promise<boolean> {
  try {
    await client.tasks.status(task);
    return true;
  } catch (error) {
    if (error instanceof DispatcherClientError && error.name === 'ENOENT') return false;
    throw error;
  }
}
// #endregion

// #region state
export function follow(client: DispatcherClient, show: (text: string) => void): () => void {
  return client.onState((state) => {
    if (state.kind === 'reconnecting') show(`Lost: ${state.reason}`);
    else if (state.kind === 'open') show(state.loginEnded ?? 'Please log in');
    else show(state.kind);
  });
}
// #endregion

// #region unattended
export async function unattended(url: string, key: string): Promise<DispatcherClient> {
  const client = new DispatcherClient({
    url,
    webSocket: WebSocket,
    credentials: () => ({ kind: 'token', token: key }),
  });
  await client.connect({ retry: true });
  return client;
}
// #endregion

// #region serve
export async function offer(client: DispatcherClient): Promise<ServedService> {
  await client.login({ kind: 'service', name: 'weather-agent' });
  return serve(client, 'weather', {
    warmest: {
      description: 'The highest of some temperatures',
      accepts: [{ type: 'array', items: { type: 'number' } }],
      returns: { type: 'number' },
      run: ([values]: [number[]]) => Math.max(...values),
    },
    seconds: {
      description: 'Seconds, until nobody wants them',
      accepts: [],
      generator: true,
      async *run(_: [], { signal }: ServedCall) {
        for (let second = 1; !signal.aborted; second += 1) {
          yield second;
          await new Promise((resolve) => setTimeout(resolve, 1_000));
        }
      },
    },
  });
}
// #endregion
