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

/** What proxies add, besides everything that begins with `x-forwarded`. */
const PROXY_HEADERS = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-real-port',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
]);

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

/** Describes a peer on the unix socket; the number stands for the address it does not have. */
export function describeUnixPeer(
  request: IncomingMessage,
  policy: PeerPolicy,
  unixNumber: number,
): Peer {
  return {
    address: `unix,${unixNumber}`,
    ip: null,
    port: null,
    serverIp: null,
    serverPort: null,
    transport: 'unix',
    isLoopback: true,
    isDirect: isDirect(request, policy),
  };
}

/** Describes a peer over TCP; null when it has gone, for it then has no address to go by. */
export function describeTcpPeer(request: IncomingMessage, policy: PeerPolicy): Peer | null {
  const { remoteAddress, remotePort, localAddress, localPort } = request.socket;
  if (remoteAddress === undefined || localAddress === undefined) return null;
  const socketIp = plainAddress(remoteAddress);
  const forwarded = isTrusted(socketIp, policy.trustedProxies) ? forwardedAddress(request) : null;
  const { ip, port } = forwarded ?? { ip: socketIp, port: remotePort ?? 0 };
  return {
    address: `${ip},${port}`,
    ip,
    port,
    serverIp: plainAddress(localAddress),
    serverPort: localPort ?? null,
    transport: 'tcp',
    isLoopback: forwarded === null && isLoopbackAddress(socketIp),
    isDirect: isDirect(request, policy),
  };
}

function isDirect(request: IncomingMessage, { allowedOrigins }: PeerPolicy): boolean {
  const isForwarded = Object.keys(request.headers).some(
    (name) => PROXY_HEADERS.has(name) || name.startsWith('x-forwarded'),
  );
  return !isForwarded && hasOwnOrigin(request, allowedOrigins);
}

function isTrusted(ip: string, proxies: BlockList): boolean {
  return proxies.check(ip, isIP(ip) === 4 ? 'ipv4' : 'ipv6');
}

/**
 * The client a trusted proxy speaks for: the last hop it recorded itself. `X-Real-IP` counts only
 * where there is no `X-Forwarded-For`, because a proxy that sets the latter may pass on the former
 * as the client wrote it.
 */
function forwardedAddress(request: IncomingMessage): { ip: string; port: number } | null {
  const { headers } = request;
  const chain = headers['x-forwarded-for'] ?? headers['x-real-ip'] ?? '';
  const ip = (String(chain).split(',').at(-1) ?? '').trim();
  const port = Number(headers['x-real-port'] ?? 0);
  if (isIP(ip) === 0) return null;
  return { ip, port: Number.isInteger(port) && port >= 0 && port < 65_536 ? port : 0 };
}

/** True without an Origin, or with that of a page this very server or an allowed site delivered. */
function hasOwnOrigin(request: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  if (allowed.includes(origin)) return true;
  return host !== undefined && isSameOrigin(origin, host);
}
