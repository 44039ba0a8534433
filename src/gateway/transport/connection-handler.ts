import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewaySocket } from './gateway-socket.js';
import type { Peer } from './peer.js';
import type { TextEncoding } from './text-encoding.js';

/** What the transport has to know of the connection that is made of a socket. */
export interface SocketOwner {
  readonly socket: GatewaySocket;
  /** A stranger's messages may be less large. */
  readonly isLoggedIn: boolean;
}

/** What becomes of connections and of what they say: all that the transport asks of whoever uses it. */
export interface ConnectionHandler<C extends SocketOwner> {
  /** Whether anything is spoken at a path; all others are refused with 404. */
  speaks(path: string): boolean;

  /** Makes the connection; nothing has been read from the socket yet, and nobody has been told. */
  connect(socket: GatewaySocket, path: string): C;

  /** It is among the connections from now on. */
  onOpen(connection: C): void;

  /** A message, in order; whoever cannot go on with the next one holds the socket back. */
  onMessage(connection: C, text: string, encoding: TextEncoding): void;

  /** The socket has closed, whoever wanted that; nothing follows. */
  onClose(connection: C): void;

  /** Once a second, of each that is open and well. */
  onTick(connection: C, nowMs: number): void;

  /** It did not read, and is let go of. @param frames - that waited for it */
  onStalled(connection: C, frames: number): void;
}

/** A plain request, its answer, and who asks. */
export interface HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly peer: Peer;
}

/** What becomes of requests that ask for no WebSocket, at paths of their own. */
export interface RequestHandler {
  /** Whether requests for the path are its own. */
  takes(path: string): boolean;

  /** Sees to it that the request is answered; never rejects. */
  handle(exchange: HttpExchange): Promise<void>;
}
