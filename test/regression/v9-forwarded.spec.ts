import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess } from '../support/server-process.js';

let server: ServerProcess;

beforeAll(async () => {
  const dispatcher = { 'trusted-proxies': ['127.0.0.1', '10.0.0.0/8', '2001:db8:ffff::/48'] };
  server = await ServerProcess.start({ dispatcher: { 'shipped-plugins': false, ...dispatcher } });
});
afterAll(() => server.stop());

type Headers = Readonly<Record<string, string | string[]>>;

/** The address that the server goes by, and its port. */
async function senderOf(headers: Headers): Promise<[ip: string, port: number]> {
  const client = await PlainClient.connect(server.url, { headers } as object);
  const text = await client.result<string>('management.get_sender_address');
  await client.close();
  const [ip = '', port] = text.split(',');
  return [ip, Number(port)];
}

/** The proxy itself: all that is known of a client that nobody names. */
const PROXY = '127.0.0.1';
const CLIENT = '203.0.113.7';

describe('behind trusted proxies', () => {
  it.each<[string, string]>([
    ['203.0.113.7, 10.1.2.3', CLIENT],
    ['6.6.6.6, 203.0.113.7, 10.1.2.3, 10.9.9.9', CLIENT],
    ['203.0.113.7', CLIENT],
    [' 203.0.113.7 ,\t10.1.2.3 ', CLIENT],
    ['203.0.113.7:4711', CLIENT],
    ['203.0.113.7:4711, 10.1.2.3:80', CLIENT],
    ['::ffff:203.0.113.7', CLIENT],
    ['[::FFFF:cb00:7107]:4711, ::ffff:10.1.2.3', CLIENT],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['[2001:DB8:0:0::0001]', '2001:db8::1'],
    ['2001:db8::1, 2001:db8:ffff::3', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['10.1.2.3, 10.4.5.6', '10.1.2.3'], // all of them proxies: the furthest that is known
    ['127.0.0.1', '127.0.0.1'],
  ])('V9: X-Forwarded-For: %s is %s', async (value, ip) => {
    expect((await senderOf({ 'X-Forwarded-For': value }))[0]).toBe(ip);
  });

  it.each<[string, string]>([
    ['203.0.113.7, nonsense', PROXY],
    ['203.0.113.7, nonsense, 10.1.2.3', '10.1.2.3'],
    ['203.0.113.7,', PROXY],
    [',', PROXY],
    ['unix:', PROXY],
    ['6.6.6.6, 010.1.1.1', PROXY],
    ['203.0.113.7:99999', PROXY],
    ['203.0.113.7:', PROXY],
    ['[203.0.113.7', PROXY],
    ['203.0.113.7 10.1.2.3', PROXY],
    ['6.6.6.6, 203.0.113.7/24', PROXY],
    ['1e1.1.1.1', PROXY],
    [Array(1_300).fill('10.1.1.1').join(), '10.1.1.1'],
    [`6.6.6.6,${Array(1_300).fill('10.1.1.1').join()}`, '10.1.1.1'],
    ['x'.repeat(10_000), PROXY],
    [','.repeat(10_000), PROXY],
  ])('V9: X-Forwarded-For: %# gives nobody an address of his own', async (value, ip) => {
    expect((await senderOf({ 'X-Forwarded-For': value }))[0]).toBe(ip);
  });

  it.each<[string, string]>([
    ['for=203.0.113.7', CLIENT],
    ['for=203.0.113.7;proto=https;by=10.1.2.3, for=10.1.2.3', CLIENT],
    ['for=6.6.6.6, For="203.0.113.7:4711" ; proto=http,FOR=10.1.2.3', CLIENT],
    ['by=10.0.0.1;for="[2001:db8::1]:4711";host="a,b;for=6.6.6.6"', '2001:db8::1'],
    [String.raw`for="203\.0.113.7"`, CLIENT],
    ['for="[::ffff:203.0.113.7]:_x1"', CLIENT],
    ['for=6.6.6.6, for=_hidden', PROXY],
    ['for=6.6.6.6, for=unknown, for=10.1.2.3', '10.1.2.3'],
    ['for=6.6.6.6, proto=https', PROXY],
    ['for=6.6.6.6;for=203.0.113.7', PROXY],
    ['for="6.6.6.6, for=203.0.113.7', PROXY],
    [String.raw`for=6.6.6.6;x="\, for="203.0.113.7"`, PROXY],
    ['=, ;;, for=203.0.113.7', CLIENT],
    ['for', PROXY],
    ['""'.repeat(5_000), PROXY],
  ])('V9: Forwarded: %# is read from the right', async (value, ip) => {
    expect((await senderOf({ Forwarded: value }))[0]).toBe(ip);
  });

  it('V9: lines of one header are one list', async () => {
    const chain = ['6.6.6.6', '203.0.113.7', '10.1.2.3'];
    expect((await senderOf({ 'X-Forwarded-For': chain }))[0]).toBe(CLIENT);
    const nodes = ['for=6.6.6.6, for=203.0.113.7', 'for="10.1.2.3:80"'];
    expect((await senderOf({ Forwarded: nodes }))[0]).toBe(CLIENT);
    expect((await senderOf({ 'X-Real-IP': ['6.6.6.6', CLIENT] }))[0]).toBe(PROXY);
  });

  it('V9: the port of the client is the one that was told', async () => {
    expect(await senderOf({ 'X-Forwarded-For': '203.0.113.7:4711' })).toEqual([CLIENT, 4711]);
    expect(await senderOf({ Forwarded: 'for="[2001:db8::1]:80"' })).toEqual(['2001:db8::1', 80]);
    expect(await senderOf({ 'X-Real-IP': CLIENT, 'X-Real-Port': '77' })).toEqual([CLIENT, 77]);
    for (const port of ['99999', 'x', '-1', '1, 2', '']) {
      expect(await senderOf({ 'X-Real-IP': CLIENT, 'X-Real-Port': port })).toEqual([CLIENT, 0]);
    }
  });

  it.each<[string, Headers, string]>([
    [
      'that agree',
      { 'X-Forwarded-For': `${CLIENT}, 10.1.2.3`, Forwarded: `for=${CLIENT}`, 'X-Real-IP': CLIENT },
      CLIENT,
    ],
    [
      'of which one knows more',
      { 'X-Forwarded-For': `${CLIENT}, 10.1.2.3`, 'X-Real-IP': '10.1.2.3' },
      CLIENT,
    ],
    ['of which one is made up', { 'X-Forwarded-For': CLIENT, Forwarded: 'for=6.6.6.6' }, PROXY],
    ['of which another is', { 'X-Forwarded-For': '6.6.6.6', 'X-Real-IP': CLIENT }, PROXY],
    ['of which one is broken', { 'X-Forwarded-For': CLIENT, Forwarded: 'for="' }, PROXY],
  ])('V9: of headers %s nobody gets an address that he made up', async (_, headers, ip) => {
    expect((await senderOf(headers))[0]).toBe(ip);
  });

  it('V9: whoever hides behind a broken header is not taken for this machine', async () => {
    const client = await PlainClient.connect(server.url, { headers: { 'X-Real-IP': 'nonsense' } });
    const reply = await client.request('rpc', 'auth', { username: 'root', password: '' });
    expect(reply).toMatchObject({ name: 'error', args: { code: 13 } });
    await client.close();
  });

  // last: behind broken headers all are one, and that one is refused for a minute
  it('A6: failed logins behind broken headers are not held against the proxy itself', async () => {
    const wrong = (client: PlainClient) =>
      client.request('rpc', 'auth', { username: `a6-${Math.random()}`, password: 'wrong' });
    const hidden = await PlainClient.connect(server.url, { headers: { 'X-Real-IP': 'nonsense' } });
    const codes = await Promise.all(Array.from({ length: 14 }, () => wrong(hidden)));
    expect(codes.at(-1)).toMatchObject({ args: { code: 16 } });
    const plain = await PlainClient.connect(server.url);
    expect(await wrong(plain)).toMatchObject({ args: { code: 13 } });
    await hidden.close();
    await plain.close();
  });
});
