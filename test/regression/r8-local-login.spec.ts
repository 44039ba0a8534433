import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

let server: ServerProcess;
let debug: string;

beforeAll(async () => {
  server = await ServerProcess.start({ dispatcher: { 'shipped-plugins': false } });
  debug = /debug mode: (\S+?)\)/.exec(server.readyLine)?.[1] ?? '';
});
afterAll(() => server.stop());

/** What a client with these headers gets for a login without a password, and as a service. */
async function logins(url: string, headers: Readonly<Record<string, string>>): Promise<string[]> {
  const client = await PlainClient.connect(url, { headers });
  const user = await client.request('rpc', 'auth', { username: 'root', password: '' });
  await client.close();
  const other = await PlainClient.connect(url, { headers });
  const service = await other.request('rpc', 'auth_service', { name: 'nas' });
  await other.close();
  return [user.name, service.name];
}

const OF_PROXIES = [
  // listed in the finding
  ...['Client-IP', 'CF-Connecting-IPv6', 'X-Envoy-External-Address', 'Fly-Client-IP'],
  ...['X-Azure-ClientIP', 'X-Original-Host', 'X-Host'],
  // known before
  ...['X-Forwarded-For', 'X-Real-IP', 'Via', 'Forwarded', 'True-Client-IP'],
  // and what nobody listed
  ...['X-Forwarded-Whatever', 'X-Forward-For', 'X-ProxyUser-Ip', 'WL-Proxy-Client-IP', 'Proxy'],
  ...['X-Amzn-Trace-Id', 'X-Request-Id', 'Traceparent', 'CDN-Loop', 'Proxy-Connection', 'Remote'],
  ...['X-Appengine-User-IP', 'Tailscale-User-Login', 'X-Remote-User', 'Ali-CDN-Real-IP', 'X'],
];

describe('a login by the machine', () => {
  it.each(OF_PROXIES)('R8: is not to be had with the header %s', async (header) => {
    const headers = { [header]: '127.0.0.1' };
    expect(await logins(server.url, headers)).toEqual(['error', 'error']);
    expect(await logins(`${debug}/socket`, headers)).toEqual(['error', 'error']);
    const page = await fetch(`${debug}/metrics`, { headers: { [header]: '127.0.0.1' } }).catch(
      () => null, // some of these fetch does not send
    );
    expect(page?.status ?? 401).toBe(401);
  });

  it.each<[string, Record<string, string>]>([
    ['ws', {}],
    [
      'websockets (Python)',
      { 'User-Agent': 'Python/3.13 websockets/15.0', 'Sec-WebSocket-Extensions': 'x-nothing' },
    ],
    ['aiohttp', { Accept: '*/*', 'Accept-Encoding': 'gzip, deflate', 'User-Agent': 'aiohttp/3' }],
    [
      'a browser',
      {
        'User-Agent': 'Mozilla/5.0',
        Accept: '*/*',
        'Accept-Language': 'en',
        'Accept-Encoding': 'gzip, deflate, br, zstd',
        'Cache-Control': 'no-cache',
        Pragma: 'no-cache',
        DNT: '1',
        Cookie: 'a=b',
        'Sec-GPC': '1',
        'Sec-Fetch-Dest': 'empty',
        'Sec-Fetch-Mode': 'websocket',
        'Sec-Fetch-Site': 'same-origin',
        'Sec-CH-UA-Platform': '"Linux"',
      },
    ],
    ['a client with a token of its own', { Authorization: 'Basic YTpi', 'Keep-Alive': '5' }],
  ])('R8: is to be had as %s asks for it', async (_, headers) => {
    expect(await logins(server.url, headers)).toEqual(['response', 'response']);
    const { host } = new URL(debug);
    const own = { ...headers, Origin: `http://${host}` };
    expect(await logins(`${debug}/socket`, own)).toEqual(['response', 'response']);
  });

  it('R8: is to be had with the WebSocket of Node', async () => {
    const program = `
      const socket = new WebSocket(process.argv[1]);
      const args = { username: 'root', password: '' };
      socket.onopen = () => socket.send(JSON.stringify({ namespace: 'rpc', name: 'auth', id: 1, args }));
      socket.onmessage = ({ data }) => { console.log(data); socket.close(); };
      socket.onerror = () => console.log('{}');`;
    const flags = ['--experimental-websocket', '-e', program, server.url];
    const { stdout: answer } = await promisify(execFile)(process.execPath, flags);
    expect(JSON.parse(answer)).toMatchObject({ id: 1, name: 'response' });
  });

  it('R8: the pages are for curl, for fetch and for who scrapes the numbers', async () => {
    const scraper = {
      Accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5,*/*;q=0.1',
      'Accept-Encoding': 'gzip',
      'User-Agent': 'Prometheus/3.5.0',
      'X-Prometheus-Scrape-Timeout-Seconds': '10',
    };
    for (const headers of [{}, { 'User-Agent': 'curl/8.14.1', Accept: '*/*' }, scraper]) {
      expect((await fetch(`${debug}/metrics`, { headers })).status).toBe(200);
    }
  });
});

describe('once proxies are trusted', () => {
  let proxied: ServerProcess;
  let unix: string;

  beforeAll(async () => {
    unix = join(server.directory, 'r8.sock');
    const dispatcher = { 'trusted-proxies': ['10.0.0.0/8', '127.0.0.9'], 'unix-socket': unix };
    proxied = await ServerProcess.start({
      dispatcher: { 'shipped-plugins': false, ...dispatcher },
    });
  });
  afterAll(() => proxied.stop());

  it('R8: the machine vouches for nobody over TCP: a proxy may add no header at all', async () => {
    expect(await logins(proxied.url, {})).toEqual(['error', 'error']);
  });

  it('R8: the unix socket still does, but not with the header of a proxy', async () => {
    const url = `ws+unix:${unix}:/socket`;
    expect(await logins(url, {})).toEqual(['response', 'response']);
    expect(await logins(url, { 'X-Envoy-External-Address': '::1' })).toEqual(['error', 'error']);
    expect(await logins(url, { 'X-Forwarded-For': '127.0.0.1' })).toEqual(['error', 'error']);
  });

  it('R8: a proxy on this machine is no client of it, for the pages either', async () => {
    const address = /debug mode: (\S+?)\)/.exec(proxied.readyLine)?.[1] ?? '';
    expect((await fetch(`${address}/metrics`)).status).toBe(200);
    const asked = get(`${address}/metrics`, { localAddress: '127.0.0.9' });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(401);
  });
});
