import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** How long who was refused may take to hang up. */
const GOODBYE_MS = 2_000;

/**
 * Answers a request for a WebSocket with an HTTP status and hangs up. What the client had sent already
 * is read and dropped: a socket that is closed with something unread is reset, and the answer lost.
 */
export function refuseUpgrade(socket: Duplex, status: number): void {
  const text = STATUS_CODES[status] ?? '';
  const late = setTimeout(() => socket.destroy(), GOODBYE_MS).unref();
  socket.once('close', () => clearTimeout(late));
  socket.resume();
  socket.end(
    `HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}
