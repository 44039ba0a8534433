import type { IncomingMessage } from 'node:http';
import { BlockList } from 'node:net';
import { describe, expect, it } from 'vitest';
import { describeTcpPeer, describeUnixPeer } from './peer.js';

const proxies = new BlockList();
proxies.addAddress('10.0.0.1', 'ipv4');
const policy = { trustedProxies: proxies, allowedOrigins: ['https://admin.example'] };
const withoutProxies = { ...policy, trustedProxies: null };

function request(
  remoteAddress: string | undefined,
  headers: Record<string, string> = {},
): IncomingMessage {
  const socket = { remoteAddress, remotePort: 40_000, localAddress: '127.0.0.1', localPort: 5_000 };
  return { socket, headers: { host: '127.0.0.1:5000', ...headers } } as unknown as IncomingMessage;
}

describe('a peer', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['0:0:0:0:0:0:0:1', true],
    ['::ffff:127.0.0.1', true],
    ['192.168.1.5', false],
    ['fe80::1', false],
    ['::2', false],
    ['::1:1', false],
  ])('at %s is on this machine: %s', (address, expected) => {
    expect(describeTcpPeer(request(address), policy)?.isLoopback).toBe(expected);
  });

  it('over the unix socket has no address, and a number instead', () => {
    expect(describeUnixPeer(request(undefined), policy, 7)).toMatchObject({
      address: 'unix,7',
      transport: 'unix',
      ip: null,
    });
  });

  it('behind nobody knows which proxy is where its socket comes from, and never direct', () => {
    const peer = describeTcpPeer(request('192.168.1.5', { 'x-real-ip': '127.0.0.1' }), policy);
    expect(peer).toMatchObject({ ip: '192.168.1.5', isLoopback: false, isDirect: false });
  });

  it('behind a trusted proxy is where the proxy says, and never on this machine', () => {
    const headers = { 'x-forwarded-for': '1.2.3.4, 127.0.0.1' };
    const peer = describeTcpPeer(request('10.0.0.1', headers), policy);
    expect(peer).toMatchObject({ ip: '127.0.0.1', isLoopback: false, isDirect: false });
  });

  it.each([
    [{ 'x-real-ip': 'nonsense' }, 'unknown@10.0.0.1'],
    [{ 'x-forwarded-for': '1.2.3.4', 'x-real-ip': '1.2.3.5' }, 'unknown@10.0.0.1'],
    [{ 'x-forwarded-for': '10.0.0.1' }, 'unknown@10.0.0.1'],
    [{ forwarded: 'for=_hidden' }, 'unknown@10.0.0.1'],
    [{ 'x-forwarded-for': '1.2.3.4' }, '1.2.3.4'],
    [{}, '10.0.0.1'],
  ])('behind a trusted proxy that sends %j counts as %s', (headers, source) => {
    expect(describeTcpPeer(request('10.0.0.1', headers), policy)).toMatchObject({ source });
  });

  it.each([
    ['http://127.0.0.1:5000', true],
    ['https://admin.example', true],
    ['https://evil.example', false],
    ['null', false],
    ['http://127.0.0.1:8080', false],
  ])('with the origin %s is direct: %s', (origin, expected) => {
    expect(describeTcpPeer(request('127.0.0.1', { origin }), withoutProxies)?.isDirect).toBe(
      expected,
    );
  });

  it('is not direct when a foreign name was made to point here', () => {
    const headers = { origin: 'http://evil.example:5000', host: 'evil.example:5000' };
    expect(describeTcpPeer(request('127.0.0.1', headers), withoutProxies)?.isDirect).toBe(false);
  });

  it('is not direct over TCP while proxies are trusted: one may add no header', () => {
    expect(describeTcpPeer(request('127.0.0.1'), withoutProxies)?.isDirect).toBe(true);
    expect(describeTcpPeer(request('127.0.0.1'), policy)?.isDirect).toBe(false);
    expect(describeUnixPeer(request(undefined), policy, 1).isDirect).toBe(true);
  });
});
