import type { Duplex, Writable } from 'node:stream';
import { type ServerOptions, WebSocket } from 'ws';

/** Pongs that `ws` lets wait for a client that does not read, by itself. */
const PENDING_PONGS = 60;

/** Of a message, and of a frame. */
const MAX_FRAGMENTS = 16_384;
const MAX_PIECES = 262_144;
/** Of a stranger's: each costs hundreds of bytes of memory, were it only one byte long. */
const MAX_FRAGMENTS_BEFORE_LOGIN = 256;
const MAX_PIECES_BEFORE_LOGIN = 1_024;

/** What a message may have before and after login, but for its bytes. */
export const PARTS_BEFORE_LOGIN = {
  fragments: MAX_FRAGMENTS_BEFORE_LOGIN,
  pieces: MAX_PIECES_BEFORE_LOGIN,
} as const;
export const PARTS_AFTER_LOGIN = { fragments: MAX_FRAGMENTS, pieces: MAX_PIECES } as const;

export interface WebSocketLimits {
  readonly messageBytes: number;
  readonly framesPerTurn: number;
}

/** Those that its types do not know yet. */
interface LatestOptions {
  readonly maxPendingAutoPongs: number;
  readonly closeTimeout: number;
}

/**
 * What `ws` is told, each of its limits by name: what is left to its default is left so on purpose, and
 * docs/adr/0016 has the list.
 */
export function webSocketOptions({ messageBytes, framesPerTurn }: WebSocketLimits) {
  return {
    noServer: true,
    WebSocket: ServerWebSocket,
    clientTracking: false, // the hub has its connections
    perMessageDeflate: false, // costs several times the CPU and 220 KiB a connection
    skipUTF8Validation: false,
    allowSynchronousEvents: true, // turns are the intake's work, frame by frame
    maxPayload: messageBytes, // until the intake says what it is right now
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_PIECES,
    // the pongs of one turn leave the process at its end: who reads them is not cut off
    maxPendingAutoPongs: Math.max(PENDING_PONGS, framesPerTurn),
    closeTimeout: 30_000,
  } satisfies ServerOptions<typeof ServerWebSocket> & LatestOptions;
}

/** The part of `ws` that reads frames. Of its own fields only the limits of a message are touched. */
export type FrameReceiver = Writable & {
  _maxPayload: number;
  _maxFragments: number;
  _maxBufferedChunks: number;
};

/**
 * The server's end of a WebSocket, which is one of `ws`; all that is added is the event `closing`, at the
 * moment before the last frame, and the way to the receiver for the one who feeds it.
 */
export class ServerWebSocket extends WebSocket {
  #isClosingTold = false;

  get isOpen(): boolean {
    return this.readyState === WebSocket.OPEN;
  }

  /** @throws Error when `ws` is no longer made the way this was written for */
  get receiver(): FrameReceiver {
    const { _receiver: receiver } = this as unknown as { readonly _receiver?: FrameReceiver };
    const limits = [receiver?._maxPayload, receiver?._maxFragments, receiver?._maxBufferedChunks];
    const isKnown = limits.every((limit) => typeof limit === 'number');
    if (receiver !== undefined && isKnown) return receiver;
    throw new Error('This version of ws has no receiver whose limits could be set');
  }

  /** Also called by `ws` itself, to answer a close frame and to say what is wrong with a frame. */
  override close(code?: number, reason?: string | Buffer): void {
    this.tellClosing();
    super.close(code, reason);
  }

  /** The last moment to send anything is now; said once, whoever closes. */
  tellClosing(): void {
    if (this.#isClosingTold) return;
    this.#isClosingTold = true;
    if (this.isOpen) this.emit('closing');
  }
}

type Listener = (this: Duplex, chunk: Buffer) => void;
const NOTHING = Buffer.alloc(0);

/**
 * Takes what arrives on a socket away from `ws`, for the one who feeds its receiver. Returns what tells
 * `ws` that nothing more will arrive.
 *
 * @param others - who listened for the end of the socket before `ws` did
 */
export function takeReading(
  webSocket: ServerWebSocket,
  socket: Duplex,
  others: ReadonlySet<unknown>,
): () => void {
  for (const reader of socket.listeners('data')) socket.off('data', reader as Listener);
  const ends = (socket.listeners('end') as Listener[]).filter((each) => !others.has(each));
  for (const end of ends) socket.off('end', end);
  return () => {
    webSocket.tellClosing();
    for (const end of ends) end.call(socket, NOTHING);
  };
}
