import { hash } from 'node:crypto';
import { type IncomingHttpHeaders, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A request for a WebSocket, as Node hands it over or as the {@link FrontDoor} has read it. */
export interface UpgradeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly socket: Socket;
}

const VERSION = '13';
/** What a server proves with that it understood (RFC 6455, section 1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const KEY = /^[+/0-9A-Za-z]{22}==$/;
const TOKENS = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*$/;

/**
 * The HTTP status that says what is wrong with a handshake (RFC 6455, section 4.2.1); null when nothing
 * is.
 */
export function handshakeFault({ method, headers }: UpgradeRequest): number | null {
  if (method !== 'GET') return 405;
  if (headers.upgrade?.toLowerCase() !== 'websocket') return 400;
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) return 400;
  if (headers['sec-websocket-version'] !== VERSION) return 426;
  const protocols = headers['sec-websocket-protocol'];
  return protocols === undefined || TOKENS.test(protocols) ? null : 400;
}

/**
 * The answer to a handshake that is in order. Of subprotocols, which mean nothing here, the first is
 * taken.
 */
export function acceptance({ headers }: UpgradeRequest): string {
  const proof = hash('sha1', `${headers['sec-websocket-key'] ?? ''}${GUID}`, 'base64');
  const [protocol] = headers['sec-websocket-protocol']?.split(',') ?? [];
  const chosen = protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${protocol.trim()}\r\n`;
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${proof}\r\n${chosen}\r\n`
  );
}

/** Answers with an HTTP status and hangs up. */
export function refuse(socket: Duplex, status: number): void {
  const text = STATUS_CODES[status] ?? '';
  const hint = status === 426 ? `Sec-WebSocket-Version: ${VERSION}\r\n` : '';
  socket.end(
    `HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Type: text/plain\r\n${hint}` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    () => socket.destroy(),
  );
}
