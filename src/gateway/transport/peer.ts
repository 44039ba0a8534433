import type { IncomingMessage } from 'node:http';
import type { BlockList, Socket } from 'node:net';
import {
  isListed,
  isLoopbackAddress,
  isPlainRequest,
  isSameOrigin,
  plainAddress,
} from '../../common/index.js';
import { forwardedClient } from './forwarded.js';

/** Where a connection comes from, worked out once when it is opened. */
export interface Peer {
  /** `ip,port` or `unix,<number>`: the form clients of the original know. */
  readonly address: string;
  readonly ip: string | null;
  /** What counts as its address where addresses are counted; null where there is none. */
  readonly source: string | null;
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
  request: IncomingMessage,
  policy: PeerPolicy,
  unixNumber: number,
): Peer {
  return {
    address: `unix,${unixNumber}`,
    ip: null,
    source: null,
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
  const { remoteAddress, remotePort } = request.socket;
  if (remoteAddress === undefined) return null;
  const socketIp = plainAddress(remoteAddress);
  const { trustedProxies } = policy;
  const isProxy = isListed(socketIp, trustedProxies);
  const forwarded = isProxy
    ? forwardedClient(request.headers, (ip) => isListed(ip, trustedProxies))
    : null;
  const { ip, port } = forwarded ?? { ip: socketIp, port: remotePort ?? 0 };
  // the client of a proxy that cannot be told, be it only that other proxies are: what it does is not
  // held against the proxy itself, nor against who really is at that address
  const isUnknown = isProxy && !isPlainRequest(request.headers) && isListed(ip, trustedProxies);
  return new TcpPeer(
    request.socket,
    { ip, port: port ?? 0, source: isUnknown ? `unknown@${ip}` : ip },
    {
      // not the client of a proxy that cannot be told, for all that it is the proxy's address then
      isLoopback: isLoopbackAddress(socketIp) && (!isProxy || isPlainRequest(request.headers)),
      // where proxies are in use, one that adds no header looks like a client of this machine
      isDirect: trustedProxies === null && isDirect(request, policy),
    },
  );
}

/** The kernel is asked for the server's end when somebody wants to know: only a local login does. */
class TcpPeer implements Peer {
  readonly transport = 'tcp';
  readonly address: string;
  readonly ip: string;
  readonly source: string;
  readonly port: number;
  readonly isLoopback: boolean;
  readonly isDirect: boolean;

  constructor(
    private readonly socket: Socket,
    { ip, port, source }: Pick<TcpPeer, 'ip' | 'port' | 'source'>,
    { isLoopback, isDirect }: Pick<Peer, 'isLoopback' | 'isDirect'>,
  ) {
    this.address = `${ip},${port}`;
    this.ip = ip;
    this.source = source;
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

function isDirect({ headers }: IncomingMessage, { allowedOrigins }: PeerPolicy): boolean {
  return isPlainRequest(headers) && hasOwnOrigin(headers, allowedOrigins);
}

/** True without an Origin, or with that of a page this very server or an allowed site delivered. */
function hasOwnOrigin(
  { origin, host }: IncomingMessage['headers'],
  allowed: readonly string[],
): boolean {
  if (origin === undefined) return true;
  if (allowed.includes(origin)) return true;
  return host !== undefined && isSameOrigin(origin, host);
}
