import type { Writable } from 'node:stream';
import { type ServerOptions, WebSocket } from 'ws';

/** Pongs that `ws` lets wait for a client that does not read, by itself. */
const PENDING_PONGS = 60;

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
    maxFragments: 16_384,
    maxBufferedChunks: 262_144,
    // the pongs of one turn leave the process at its end: who reads them is not cut off
    maxPendingAutoPongs: Math.max(PENDING_PONGS, framesPerTurn),
    closeTimeout: 30_000,
  } satisfies ServerOptions<typeof ServerWebSocket> & LatestOptions;
}

/** The part of `ws` that reads frames. Of its own fields only the limit of a message is touched. */
export type FrameReceiver = Writable & { _maxPayload: number };

/**
 * The server's end of a WebSocket, which is one of `ws`; all that is added is the moment before the last
 * frame, and the way to the receiver for the one who feeds it.
 */
export class ServerWebSocket extends WebSocket {
  /** The last moment to send anything; called once, whoever closes. */
  onClosing: (() => void) | null = null;

  get isOpen(): boolean {
    return this.readyState === WebSocket.OPEN;
  }

  /** @throws Error when `ws` is no longer made the way this was written for */
  get receiver(): FrameReceiver {
    const { _receiver: receiver } = this as unknown as { readonly _receiver?: FrameReceiver };
    if (typeof receiver?._maxPayload === 'number') return receiver;
    throw new Error('This version of ws has no receiver whose limit could be set');
  }

  /** Also called by `ws` itself, to answer a close frame and to say what is wrong with a frame. */
  override close(code?: number, reason?: string | Buffer): void {
    this.tellClosing();
    super.close(code, reason);
  }

  tellClosing(): void {
    const { onClosing } = this;
    this.onClosing = null;
    if (this.isOpen) onClosing?.();
  }
}
