import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { WebSocket } from 'ws';
import type { ClientSocket, ClientSocketConstructor, SocketEvent } from '../socket.js';
import { failureText } from './failure-text.js';

/** How the sockets of a client are opened; the names of TLS are those of Node's `tls.connect`. */
export interface NodeSocketOptions extends Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'servername'
> {
  /** Sent with the request for the connection, for a proxy in between. */
  readonly headers?: Readonly<IncomingHttpHeaders>;
  /** Opens what the WebSocket goes over, if that is no connection of the network. */
  readonly createConnection?: () => Duplex;
  /** How long the opening handshake may take. Default: as long as the client waits for a connection. */
  readonly handshakeTimeoutMs?: number;
  /** The longest message that is taken, in bytes; a longer one ends the connection. Default 256 MiB. */
  readonly maxMessageBytes?: number;
}

const MAX_MESSAGE_BYTES = 256 * 1_024 * 1_024;

/**
 * Sockets for the option `webSocket` of a client in Node: of `ws://`, `wss://` and
 * `ws+unix:/path/of/the.sock:/socket`. When one cannot be opened, the client's error says why: nobody
 * listens, no TLS there, a certificate that is not trusted.
 *
 * @example
 * const client = new DispatcherClient({
 *   url: 'wss://nas.example:5000/socket',
 *   webSocket: nodeSocket({ ca: readFileSync('/etc/ssl/nas.pem') }),
 * });
 */
export function nodeSocket({
  handshakeTimeoutMs,
  maxMessageBytes = MAX_MESSAGE_BYTES,
  createConnection,
  ...connection
}: NodeSocketOptions = {}): ClientSocketConstructor {
  const options = {
    ...connection,
    ...(createConnection !== undefined && {
      createConnection: createConnection as () => Socket, // any stream will do, whatever the type says
    }),
    ...(handshakeTimeoutMs !== undefined && { handshakeTimeout: handshakeTimeoutMs }),
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
  };
  return class extends NodeSocket {
    constructor(url: string) {
      super(new WebSocket(url, options));
    }
  };
}

/** A socket of `ws` whose end has a reason also when it never began. */
class NodeSocket implements ClientSocket {
  #hasOpened = false;
  #failure = '';

  constructor(private readonly socket: WebSocket) {
    socket.on('open', () => (this.#hasOpened = true));
    socket.on('error', (error) => {
      this.#failure = this.#hasOpened ? error.message : failureText(error, socket.url);
    });
  }

  get readyState(): number {
    return this.socket.readyState;
  }

  send(text: string): void {
    this.socket.send(text);
  }

  close(code?: number, reason?: string): void {
    this.socket.close(code, reason);
  }

  addEventListener(type: SocketEvent['type'], listener: (event: SocketEvent) => void): void {
    if (type !== 'close') {
      this.socket.addEventListener(type as 'message', listener);
      return;
    }
    this.socket.addEventListener('close', ({ code, reason }) =>
      listener({ type, code, reason: reason === '' ? this.#failure : reason }),
    );
  }
}
