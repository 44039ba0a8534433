import type { IncomingMessage } from 'node:http';
import { type BlockList, isIP } from 'node:net';
import { isForwarded, isLoopbackAddress, isSameOrigin, plainAddress } from '../common/index.js';

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
  return !isForwarded(request.headers) && hasOwnOrigin(request, allowedOrigins);
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
