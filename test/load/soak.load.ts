import type { PluginServer } from '../contract/plugin-server.js';
import { PlainClient, type WireFrame } from '../support/plain-client.js';
import { soakPlugin } from './soak.plugin.js';

/** What was done, and whatever went otherwise than it should. */
export interface SoakTally {
  calls: number;
  streams: number;
  tasks: number;
  aborts: number;
  logins: number;
  replays: number;
  reloads: number;
  readonly errors: string[];
}

interface Soak {
  readonly server: PluginServer;
  readonly tally: SoakTally;
  readonly until: AbortSignal;
}
type Work = (soak: Soak) => Promise<void>;

const RELOAD_EVERY_MS = 3_000;
const ITEM = { n: 7, text: 'x'.repeat(200) };

/** Runs everything side by side until the signal fires; each kind of work in a loop of its own. */
export async function runSoak(server: PluginServer, until: AbortSignal): Promise<SoakTally> {
  const tally: SoakTally = {
    calls: 0,
    streams: 0,
    tasks: 0,
    aborts: 0,
    logins: 0,
    replays: 0,
    reloads: 0,
    errors: [],
  };
  const soak: Soak = { server, tally, until };
  const loops = [
    call,
    call,
    call,
    call,
    stream,
    stream,
    work,
    work,
    abort,
    reconnect,
    replay,
    reload,
  ];
  await Promise.all(
    loops.map((loop) =>
      loop(soak).catch((error: unknown) => void tally.errors.push(String(error))),
    ),
  );
  return tally;
}

async function result<T>(client: PlainClient, method: string, ...args: unknown[]): Promise<T> {
  const answer = await client.result<T>(method, ...args);
  client.received.length = 0; // a soak reads on, it does not look back
  return answer;
}

const call: Work = async ({ server, tally, until }) => {
  const client = await PlainClient.loggedIn(server.process.url);
  while (!until.aborted) {
    await result(client, 'soak.echo', ITEM);
    await result(client, 'system.uptime');
    tally.calls += 2;
  }
  await client.close();
};

/** Streams that are read to the end, aborted in the middle, and left by hanging up. */
const stream: Work = async ({ server, tally, until }) => {
  let client = await streaming(server);
  for (let turn = 0; !until.aborted; turn += 1) {
    const id = `stream-${turn}`;
    const kind = ['end', 'abort', 'leave'][turn % 3];
    client.send('rpc', 'call', id, { method: 'soak.count', args: [100] });
    for (let wanted = 2; ; wanted += 1) {
      const frame = await next(client, id);
      if (frame.name === 'end') break;
      if (frame.name !== 'fragment') throw new Error(JSON.stringify(frame));
      if (wanted === 4 && kind !== 'end') break;
      client.send('rpc', 'continue', id, wanted);
    }
    if (kind === 'abort') {
      client.send('rpc', 'abort', id, null);
      await next(client, id);
    } else if (kind === 'leave') {
      client.socket.terminate();
      client = await streaming(server);
    }
    tally.streams += 1;
  }
  await client.close();
};

const work: Work = async ({ server, tally, until }) => {
  const client = await PlainClient.loggedIn(server.process.url);
  for (let turn = 0; !until.aborted; turn += 1) {
    const name = turn % 8 === 0 ? 'soak.isolated' : 'soak.inline';
    const id = await result<number>(client, 'task.submit', name, [ITEM]);
    const row = await result<{ state: string }>(client, 'task.wait', id);
    if (row.state !== 'FINISHED') throw new Error(JSON.stringify(row));
    tally.tasks += 1;
  }
  await client.close();
};

const abort: Work = async ({ server, tally, until }) => {
  const client = await PlainClient.loggedIn(server.process.url);
  while (!until.aborted) {
    const id = await result<number>(client, 'task.submit', 'soak.endless', [ITEM]);
    await result(client, 'task.abort', id);
    const row = await result<{ state: string }>(client, 'task.wait', id);
    if (row.state !== 'ABORTED') throw new Error(JSON.stringify(row));
    tally.aborts += 1;
  }
  await client.close();
};

/** Connects again and again with the token of the time before. */
const reconnect: Work = async ({ server, tally, until }) => {
  let login: [name: string, args: object] = ['auth', { username: 'root', password: '' }];
  while (!until.aborted) {
    const client = await PlainClient.connect(server.process.url);
    const answer = await client.request('rpc', ...login);
    if (answer.name !== 'response') throw new Error(JSON.stringify(answer));
    login = ['auth_token', { token: (answer.args as [string])[0] }];
    client.send('events', 'subscribe', null, ['task.*', 'session.*']);
    await result(client, 'management.ping');
    await client.close();
    tally.logins += 1;
  }
};

const replay: Work = async ({ server, tally, until }) => {
  const client = await PlainClient.loggedIn(server.process.url);
  while (!until.aborted) {
    const since = await result<string>(client, 'event.cursor');
    await result(client, 'soak.echo', ITEM);
    await result(client, 'event.replay', ['task.*', 'server.*'], { since });
    tally.replays += 1;
  }
  await client.close();
};

const reload: Work = async ({ server, tally, until }) => {
  const client = await PlainClient.loggedIn(server.process.url);
  while (!until.aborted) {
    await pause(RELOAD_EVERY_MS, until);
    await server.write({ 'soak.ts': soakPlugin(tally.reloads + 1) });
    await result(client, 'management.reload_plugins', ['soak']);
    tally.reloads += 1;
  }
  await client.close();
};

async function streaming(server: PluginServer): Promise<PlainClient> {
  const client = await PlainClient.loggedIn(server.process.url);
  await result(client, 'management.enable_features', ['streaming_responses']);
  return client;
}

/** The next frame of a call, which is then forgotten. */
async function next(client: PlainClient, id: string): Promise<WireFrame> {
  const frame = await client.find((each) => each.id === id);
  client.received.splice(client.received.indexOf(frame), 1);
  return frame;
}

/** A pace, not a wait for anything: the load is to have one reload in so much time. */
function pause(ms: number, until: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      until.removeEventListener('abort', done);
      resolve();
    }
    if (until.aborted) done();
    else until.addEventListener('abort', done);
  });
}
