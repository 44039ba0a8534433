import { isUtf8 } from 'node:buffer';
import type { Duplex } from 'node:stream';
import type { CoarseClock } from './coarse-clock.js';
import { FrameIntake, type IntakeOptions, type MessageBounds } from './frame-intake.js';
import { Outbox, type OutboxParts } from './outbox.js';
import type { Peer } from './peer.js';
import type { TextEncoding } from './text-encoding.js';
import type { ServerWebSocket } from './web-socket.js';

/** How many heartbeats a client may take nothing of what waits for it. */
const MAX_SILENT_HEARTBEATS = 10;

/** Whom a socket tells what arrives; the first time after it has been made, never meanwhile. */
export interface SocketListener {
  onMessage(text: string, encoding: TextEncoding): void;
  onClose(): void;
  /** What a message may have right now. */
  bounds(): MessageBounds;
}

export interface ClientSocketParts {
  readonly webSocket: ServerWebSocket;
  readonly socket: Duplex;
  /** Tells `ws` that nothing more will arrive. */
  readonly endReading: () => void;
  readonly peer: Peer;
  readonly clock: CoarseClock;
  readonly outbox: OutboxParts;
  readonly intake: IntakeOptions;
}

/** How a client does at a heartbeat; `stalled` is one that takes nothing of what waits for it. */
export type Pulse = 'alive' | 'gone' | 'stalled';

/**
 * The transport of one client: its WebSocket, with the intake before it and the outbox behind it. Knows
 * when it may be read, and whether anybody is at the other end.
 */
export class GatewaySocket {
  readonly peer: Peer;
  readonly outbox: Outbox;
  readonly openedAtMs: number;
  readonly #webSocket: ServerWebSocket;
  readonly #clock: CoarseClock;
  readonly #listener: SocketListener;
  readonly #intake: FrameIntake;
  #lastSeenMs: number;
  #isAlive = true;
  /** How much had been sent at the last heartbeat. */
  #sentBytesAtHeartbeat = 0;
  /** Heartbeats in a row at which it had taken nothing of what waits for it. */
  #silentHeartbeats = 0;
  #isHeld = false;
  #isClosing = false;
  #isReadingPaused = false;

  constructor(parts: ClientSocketParts, listener: SocketListener) {
    const { webSocket, socket, clock } = parts;
    this.peer = parts.peer;
    this.openedAtMs = clock.nowMs;
    this.#lastSeenMs = clock.nowMs;
    this.#webSocket = webSocket;
    this.#clock = clock;
    this.#listener = listener;
    this.outbox = new Outbox(socket, parts.outbox, {
      onCongested: () => this.#updateReading(),
      onDrained: () => this.#updateReading(),
    });
    const target = {
      onText: (text: string) => this.#receive(text, 'utf8'),
      onBytes: () => {
        this.#isAlive = true;
      },
      bounds: () => listener.bounds(),
    };
    this.#intake = new FrameIntake(webSocket, target, parts.intake);
    this.#followWebSocket();
    this.#readFrom(parts);
  }

  get isOpen(): boolean {
    return this.#webSocket.isOpen;
  }

  /** When the last message came, by the clock that ticks once a second. */
  get lastSeenMs(): number {
    return this.#lastSeenMs;
  }

  /** Sends what is queued, then says goodbye. */
  close(code: number, reason: string): void {
    this.#webSocket.close(code, shortened(reason));
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  /**
   * No later message is delivered, and the socket is not read further, until then.
   *
   * @param pending - never rejects
   */
  async holdBackFor(pending: Promise<void>): Promise<void> {
    this.#isHeld = true;
    this.#updateReading();
    await pending;
    this.#isHeld = false;
    this.#updateReading();
  }

  /**
   * Looks whether anything was heard since the last heartbeat, and asks once more. The server itself does
   * not read a socket that is held back: nothing can be told then from what it does not hear.
   */
  beat(): Pulse {
    if (this.#isReadingPaused) return this.#isTaking() ? 'alive' : 'stalled';
    if (!this.#isAlive) return 'gone';
    this.#silentHeartbeats = 0;
    this.#sentBytesAtHeartbeat = this.outbox.sentBytes;
    this.#isAlive = false;
    this.#webSocket.ping();
    return 'alive';
  }

  /** Who takes not a byte for very long is let go of, lest the dead hold what waits for them. */
  #isTaking(): boolean {
    const { sentBytes, isCongested } = this.outbox;
    const isProgress = !isCongested || sentBytes > this.#sentBytesAtHeartbeat;
    this.#silentHeartbeats = isProgress ? 0 : this.#silentHeartbeats + 1;
    this.#sentBytesAtHeartbeat = sentBytes;
    return this.#silentHeartbeats < MAX_SILENT_HEARTBEATS;
  }

  #followWebSocket(): void {
    const webSocket = this.#webSocket;
    webSocket.once('closing', () => this.#prepareClose());
    webSocket.on('pong', () => {
      this.#isAlive = true;
    });
    // messages that took no fast path
    webSocket.on('message', (data: Buffer, isBinary) => {
      const isText = !isBinary || isUtf8(data);
      this.#receive(data.toString(), isText ? 'utf8' : 'invalid');
    });
    webSocket.on('error', ignore); // of the client: ws has said what is wrong, and parts with it
    webSocket.on('close', () => {
      this.#listener.onClose();
    });
  }

  #readFrom({ socket, endReading }: ClientSocketParts): void {
    const intake = this.#intake;
    socket.on('data', (chunk: Buffer) => intake.push(chunk));
    socket.on('end', () => intake.end(endReading));
    socket.on('close', () => intake.stop());
  }

  #receive(text: string, encoding: TextEncoding): void {
    this.#lastSeenMs = this.#clock.nowMs;
    this.#listener.onMessage(text, encoding);
  }

  /** The last moment to send anything, whoever closes; what the client still says is read from now on. */
  #prepareClose(): void {
    this.#isClosing = true;
    this.outbox.flushAll();
    this.#updateReading();
  }

  #updateReading(): void {
    const isPaused = !this.#isClosing && (this.outbox.isCongested || this.#isHeld);
    if (isPaused === this.#isReadingPaused) return;
    this.#isReadingPaused = isPaused;
    if (isPaused) {
      this.#intake.pause();
    } else {
      this.#isAlive = true; // what it has said meanwhile is heard only now
      this.#intake.resume();
    }
  }
}

function ignore(): void {
  // see where it is used
}

/** A close frame holds at most 123 bytes of reason (RFC 6455, section 5.5). */
function shortened(reason: string): string {
  const bytes = Buffer.from(reason);
  return bytes.length <= 123
    ? reason
    : `${bytes
        .subarray(0, 117)
        .toString()
        .replace(/\ufffd+$/, '')}...`;
}
