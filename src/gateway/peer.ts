import { type BlockList, isIP, type Socket } from 'node:net';
import { isForwarded, isLoopbackAddress, isSameOrigin, plainAddress } from '../common/index.js';
import type { UpgradeRequest } from './handshake.js';

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
  /** Null: no proxy is trusted, as mostly, and none need be looked for. */
  readonly trustedProxies: BlockList | null;
  readonly allowedOrigins: readonly string[];
}

/** Describes a peer on the unix socket; the number stands for the address it does not have. */
export function describeUnixPeer(
  request: UpgradeRequest,
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
export function describeTcpPeer(request: UpgradeRequest, policy: PeerPolicy): Peer | null {
  const { remoteAddress, remotePort } = request.socket;
  if (remoteAddress === undefined) return null;
  const socketIp = plainAddress(remoteAddress);
  const forwarded = isTrusted(socketIp, policy) ? forwardedAddress(request) : null;
  return new TcpPeer(request.socket, forwarded ?? { ip: socketIp, port: remotePort ?? 0 }, {
    isLoopback: forwarded === null && isLoopbackAddress(socketIp),
    isDirect: isDirect(request, policy),
  });
}

/** The kernel is asked for the server's end when somebody wants to know: only a local login does. */
class TcpPeer implements Peer {
  readonly transport = 'tcp';
  readonly address: string;
  readonly ip: string;
  readonly port: number;
  readonly isLoopback: boolean;
  readonly isDirect: boolean;

  constructor(
    private readonly socket: Socket,
    { ip, port }: { readonly ip: string; readonly port: number },
    { isLoopback, isDirect }: Pick<Peer, 'isLoopback' | 'isDirect'>,
  ) {
    this.address = `${ip},${port}`;
    this.ip = ip;
    this.port = port;
    this.isLoopback = isLoopback;
    this.isDirect = isDirect;
  }

  get serverIp(): string | null {
    const { localAddress } = this.socket;
    return localAddress === undefined ? null : plainAddress(localAddress);
  }

  get serverPort(): number | null {
    return this.socket.localPort ?? null;
  }
}

function isDirect(request: UpgradeRequest, { allowedOrigins }: PeerPolicy): boolean {
  return !isForwarded(request.headers) && hasOwnOrigin(request, allowedOrigins);
}

function isTrusted(ip: string, { trustedProxies }: PeerPolicy): boolean {
  return trustedProxies?.check(ip, isIP(ip) === 4 ? 'ipv4' : 'ipv6') === true;
}

/**
 * The client a trusted proxy speaks for: the last hop it recorded itself. `X-Real-IP` counts only
 * where there is no `X-Forwarded-For`, because a proxy that sets the latter may pass on the former
 * as the client wrote it.
 */
function forwardedAddress(request: UpgradeRequest): { ip: string; port: number } | null {
  const { headers } = request;
  const chain = headers['x-forwarded-for'] ?? headers['x-real-ip'] ?? '';
  const ip = (String(chain).split(',').at(-1) ?? '').trim();
  const port = Number(headers['x-real-port'] ?? 0);
  if (isIP(ip) === 0) return null;
  return { ip, port: Number.isInteger(port) && port >= 0 && port < 65_536 ? port : 0 };
}

/** True without an Origin, or with that of a page this very server or an allowed site delivered. */
function hasOwnOrigin(request: UpgradeRequest, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  if (allowed.includes(origin)) return true;
  return host !== undefined && isSameOrigin(origin, host);
}
