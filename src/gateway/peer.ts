import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { isSameOrigin } from '../common/index.js';

/** Where a connection comes from, worked out once when it is opened. */
export interface Peer {
  /** `ip,port` or `unix,<number>`: the form clients of the original know. */
  readonly address: string;
  readonly ip: string | null;
  readonly port: number | null;
  readonly serverIp: string | null;
  readonly serverPort: number | null;
  readonly transport: 'tcp' | 'unix';
  readonly isLoopback: boolean;
  /** No web page and no proxy stands between: only then may local login be tried. */
  readonly isDirect: boolean;
}

const FORWARDED_HEADERS = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'x-real-port',
  'via',
];

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** An IPv4 address that came over a dual-stack socket is the IPv4 address. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}

export function isLoopbackAddress(address: string): boolean {
  const plain = plainAddress(address);
  const family = isIP(plain);
  return family !== 0 && loopback.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}

export interface PeerPolicy {
  readonly trustedProxies: BlockList;
  readonly allowedOrigins: readonly string[];
}

/** Describes the peer of an upgrade request. `unixNumber` names connections that have no address. */
export function describePeer(
  request: IncomingMessage,
  policy: PeerPolicy,
  unixNumber: number,
): Peer {
  const { remoteAddress, remotePort, localAddress, localPort } = request.socket;
  const isForwarded = FORWARDED_HEADERS.some((name) => request.headers[name] !== undefined);
  const isDirect = !isForwarded && hasOwnOrigin(request, policy.allowedOrigins);
  if (remoteAddress === undefined) {
    return {
      address: `unix,${unixNumber}`,
      ip: null,
      port: null,
      serverIp: null,
      serverPort: null,
      transport: 'unix',
      isLoopback: true,
      isDirect,
    };
  }
  const ip = plainAddress(remoteAddress);
  const forwarded = isTrusted(ip, policy.trustedProxies) ? forwardedAddress(request) : null;
  const port = forwarded?.port ?? remotePort ?? 0;
  return {
    address: `${forwarded?.ip ?? ip},${port}`,
    ip: forwarded?.ip ?? ip,
    port,
    serverIp: localAddress === undefined ? null : plainAddress(localAddress),
    serverPort: localPort ?? null,
    transport: 'tcp',
    isLoopback: forwarded === null && isLoopbackAddress(ip),
    isDirect,
  };
}

function isTrusted(ip: string, proxies: BlockList): boolean {
  return proxies.check(ip, isIP(ip) === 4 ? 'ipv4' : 'ipv6');
}

/** The client a trusted proxy speaks for: the last hop it recorded itself. */
function forwardedAddress(request: IncomingMessage): { ip: string; port: number } | null {
  const real = request.headers['x-real-ip'];
  const chain = String(request.headers['x-forwarded-for'] ?? '').split(',');
  const candidate = (typeof real === 'string' ? real : (chain.at(-1) ?? '')).trim();
  const port = Number(request.headers['x-real-port'] ?? 0);
  if (isIP(candidate) === 0) return null;
  return { ip: candidate, port: Number.isInteger(port) && port >= 0 && port < 65_536 ? port : 0 };
}

/** True without an Origin, or with that of a page this very server or an allowed site delivered. */
function hasOwnOrigin(request: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  if (allowed.includes(origin)) return true;
  return host !== undefined && isSameOrigin(origin, host);
}
