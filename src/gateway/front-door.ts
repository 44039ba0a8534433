import type { IncomingHttpHeaders, Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { Crowd } from '../common/index.js';
import type { UpgradeRequest } from './handshake.js';

/** Takes a socket that asked for a WebSocket, with the bytes that came behind its request. */
export type TakeUpgrade = (request: UpgradeRequest, socket: Socket, head: Buffer) => void;

const MAX_REQUEST_BYTES = 8 * 1_024;
/** How long a socket may be silent until Node's own patience with it begins. */
const SILENCE_MS = 1_000;

const REQUEST_LINE = /^GET (\/[!-~]*) HTTP\/1\.1$/;
const HEADERS = /^(?:[A-Za-z][0-9A-Za-z-]*:[ \t!-~]*\r\n)+$/;
const UPGRADE = /(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)/i;
/** With these a request has a body, or wants an answer before one. */
const BODY_HEADERS = ['content-length', 'transfer-encoding', 'expect', 'trailer'];

/**
 * Stands before an HTTP server and takes the sockets whose first bytes are a complete and ordinary
 * request for a WebSocket. All others, the unusual, the incomplete and the silent, go to the HTTP
 * server as if nobody had looked at them: it knows how to read, limit and refuse them.
 *
 * Why not leave all to it: its parser and the two objects of a request are a quarter of what a
 * client costs that connects, logs in and parts.
 */
export class FrontDoor {
  readonly #serve: (socket: Socket) => void;
  /** Have said nothing yet: since the last look, and since the one before. */
  #fresh = new Crowd<Socket>();
  #silent = new Crowd<Socket>();

  /** @param server - has to be as Node made it: its first listener is the one that serves */
  constructor(
    private readonly server: HttpServer,
    private readonly take: TakeUpgrade,
  ) {
    const [serve] = server.listeners('connection') as ((socket: Socket) => void)[];
    if (serve === undefined) throw new Error('An HTTP server without a listener serves nobody');
    this.#serve = serve;
    server.off('connection', serve);
    server.on('connection', (socket) => this.#greet(socket));
    const watch = setInterval(() => this.#look(), SILENCE_MS).unref();
    server.once('close', () => clearInterval(watch));
  }

  #greet(socket: Socket): void {
    this.#fresh.add(socket);
    socket.on('error', ignore); // it is destroyed then
    socket.once('data', (bytes) => this.#onFirst(socket, bytes));
  }

  #onFirst(socket: Socket, bytes: Buffer): void {
    if (!this.#fresh.delete(socket)) this.#silent.delete(socket);
    const request = readUpgrade(bytes);
    if (request === null) {
      socket.unshift(bytes);
      this.#serve.call(this.server, socket);
    } else {
      const { url, headers, head } = request;
      this.take({ method: 'GET', url, headers, socket }, socket, head);
    }
  }

  #look(): void {
    const silent = this.#silent;
    for (const socket of silent) {
      silent.delete(socket);
      this.#giveUp(socket);
    }
    this.#silent = this.#fresh;
    this.#fresh = silent;
  }

  #giveUp(socket: Socket): void {
    socket.removeAllListeners('data');
    if (socket.readableEnded) socket.destroy();
    else if (!socket.destroyed) this.#serve.call(this.server, socket);
  }
}

function ignore(): void {
  // there is nobody to tell
}

interface ReadUpgrade {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly head: Buffer;
}

/**
 * Null unless the bytes begin with a whole request for an upgrade about which there can be no two
 * opinions.
 */
export function readUpgrade(bytes: Buffer): ReadUpgrade | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1 || end > MAX_REQUEST_BYTES) return null;
  const text = bytes.toString('latin1', 0, end + 2);
  const lineEnd = text.indexOf('\r\n');
  const url = REQUEST_LINE.exec(text.slice(0, lineEnd))?.[1];
  const headers = readHeaders(text.slice(lineEnd + 2));
  if (url === undefined || headers === null || headers.host === undefined) return null;
  if (headers.upgrade === undefined || !UPGRADE.test(headers.connection ?? '')) return null;
  if (BODY_HEADERS.some((name) => name in headers)) return null;
  return { url, headers, head: bytes.subarray(end + 4) };
}

/** Null when a line is no plain header, or one comes twice: what that means is for Node to say. */
function readHeaders(text: string): IncomingHttpHeaders | null {
  if (!HEADERS.test(text)) return null;
  const headers: IncomingHttpHeaders = {};
  for (let at = 0; at < text.length;) {
    const colon = text.indexOf(':', at);
    const end = text.indexOf('\r\n', colon);
    const name = text.slice(at, colon).toLowerCase();
    if (Object.hasOwn(headers, name)) return null;
    headers[name] = text.slice(colon + 1, end).trim();
    at = end + 2;
  }
  return headers;
}
