import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rootClient } from '../client/live-client.js';
import { JsonRpcClient } from '../support/json-rpc-client.js';
import { HttpServer } from './http-calls.harness.js';

let http: HttpServer;
beforeAll(async () => {
  http = await HttpServer.start();
});
afterAll(() => http.stop());

const SELF = hostname();
const ALL = { [SELF]: { result: 'pong' } };
const PING = { method: 'management.ping', args: [] };

describe('the node that is to make a call, of a server that is alone', () => {
  it('is named in a frame', async () => {
    const client = await http.server.admin();
    const ask = (node: unknown) => client.request('rpc', 'call', { ...PING, node });
    expect(await ask(SELF)).toMatchObject({ name: 'response', args: 'pong' });
    expect(await ask('*')).toMatchObject({ name: 'response', args: ALL });
    expect(await ask('n9')).toMatchObject({ name: 'error', args: { name: 'ENOENT' } });
    expect(await ask(5)).toMatchObject({ name: 'error', args: { message: 'Malformed request' } });
  });

  it('is named beside the method in JSON-RPC', async () => {
    const client = await JsonRpcClient.connect(new URL('/jsonrpc', http.server.process.url).href);
    await client.request('auth.login', ['root', '']);
    const ask = async (node: string) => {
      const id = `ask ${node}`;
      client.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'management.ping', node }));
      return client.find((answer) => answer.id === id);
    };
    expect(await ask(SELF)).toMatchObject({ result: 'pong' });
    expect(await ask('*')).toMatchObject({ result: ALL });
    expect(await ask('n9')).toMatchObject({ error: { data: { name: 'ENOENT' } } });
    await client.close();
  });

  it('is named in a header over HTTP', async () => {
    const { key } = await http.owner('operator');
    const ask = (node: string) =>
      http.outcome('management.ping', [], { key, headers: { 'Dispatcher-Node': node } });
    expect(await ask(SELF)).toEqual([200, 'pong']);
    expect(await ask('*')).toEqual([200, ALL]);
    expect(await ask('n9')).toMatchObject([404, { name: 'ENOENT' }]);
  });

  it('is an option of the client', async () => {
    const client = await rootClient(http.server.process.url);
    expect(await client.call('management.ping', [], { node: '*' })).toEqual(ALL);
  });
});
