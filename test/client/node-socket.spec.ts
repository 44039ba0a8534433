import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { DispatcherClient } from '../../src/client/index.js';
import { nodeSocket, type NodeSocketOptions } from '../../src/client/node/index.js';
import { makeCertificate } from '../support/certificate.js';
import { ServerProcess } from '../support/server-process.js';

const folder = mkdtempSync(join(tmpdir(), 'client-node-'));
const unixSocket = join(folder, 'dispatcher.sock');
let server: ServerProcess;
let ca: Buffer;

beforeAll(async () => {
  const { certificateFile, keyFile } = await makeCertificate(folder);
  ca = readFileSync(certificateFile);
  server = await ServerProcess.start({
    dispatcher: {
      tls: true,
      'tls-certificate': certificateFile,
      'tls-keyfile': keyFile,
      'unix-socket': unixSocket,
      'http-calls': true,
      frontend: false,
    },
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

function clientOf(url: string, options?: NodeSocketOptions): DispatcherClient {
  const client = new DispatcherClient({
    url,
    webSocket: nodeSocket(options),
    credentials: () => ({ kind: 'local', username: 'root' }),
    backOff: { firstMs: 10, longestMs: 50 },
  });
  onTestFinished(() => client.close());
  return client;
}
const localhost = (): string => server.url.replace(/\/\/[^:/]+/, '//localhost');
const whoami = (client: DispatcherClient) => client.call('session.whoami');

describe('a client in Node', () => {
  it('comes in over TLS by a certificate of its own choice', async () => {
    const client = clientOf(localhost(), { ca });
    await client.connect();
    expect(await whoami(client)).toMatchObject({ username: 'root' });
  });

  it('comes in over the unix socket', async () => {
    const client = clientOf(`ws+unix:${unixSocket}:/socket`);
    await client.connect();
    expect(await whoami(client)).toMatchObject({ username: 'root' });
  });

  it('takes any certificate when told to, and for another name by servername', async () => {
    const careless = clientOf(server.url, { rejectUnauthorized: false });
    await careless.connect();
    expect(await whoami(careless)).toMatchObject({ username: 'root' });
    const named = clientOf(server.url, { ca, servername: 'localhost' });
    await named.connect();
    expect(await whoami(named)).toMatchObject({ username: 'root' });
  });

  it('is told why it cannot', async () => {
    const web = http.createServer((_, response) => void response.writeHead(404).end());
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void web.close());
    const { port } = web.address() as AddressInfo;
    const cases: readonly (readonly [string, NodeSocketOptions, RegExp])[] = [
      [localhost(), {}, /its certificate is not trusted/],
      [localhost().replace('wss:', 'ws:'), {}, /try wss:\/\/ instead of ws:/],
      [`wss://127.0.0.1:${port}/socket`, {}, /does not speak TLS/],
      [`ws://127.0.0.1:${port}/socket`, {}, /it answered 404/],
      ['ws://127.0.0.1:9/socket', {}, /nobody listens there/],
      [`ws+unix:${folder}/none.sock:/socket`, {}, /there is no such socket/],
      [localhost(), { ca, servername: 'nas.example' }, /certificate is not trusted.*nas\.example/],
    ];
    for (const [url, options, why] of cases) {
      const client = clientOf(url, options);
      await expect(client.connect(), url).rejects.toMatchObject({
        name: 'ECONNABORTED',
        message: expect.stringMatching(why) as string,
      });
    }
  });

  it('ends at a message that is longer than it takes, and says so', async () => {
    const client = clientOf(localhost(), { ca, maxMessageBytes: 20_000 });
    await client.connect();
    const reasons: string[] = [];
    client.onState((state) => 'reason' in state && reasons.push(state.reason));
    await expect(client.call('discovery.get_schema')).rejects.toThrow('connection was lost');
    expect(reasons[0]).toMatch(/Max payload size exceeded/);
  });
});

describe('a call over HTTP', () => {
  async function whoamiBy(sent: ClientRequest) {
    sent.end('[]');
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: response.statusCode, body: JSON.parse(await text(response)) as unknown };
  }

  it('is answered over TLS and over the unix socket', async () => {
    const client = clientOf(localhost(), { ca });
    await client.connect();
    const { key } = await client.call<{ key: string }>('account.create_api_key', [{ name: 'x' }]);
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const post = { method: 'POST', path: '/rpc/session.whoami', headers };
    const root = { status: 200, body: { username: 'root' } };
    const { port } = new URL(localhost());
    expect(await whoamiBy(https.request({ ...post, host: 'localhost', port, ca }))).toMatchObject(
      root,
    );
    expect(await whoamiBy(http.request({ ...post, socketPath: unixSocket }))).toMatchObject(root);
  });
});
