import type { Duplex } from 'node:stream';
import { FrameReader, type FrameTarget, type TextEncoding } from './frame-reader.js';
import { closeFrame, controlFrame, Opcode } from './websocket-frame.js';

/** What the owner of a WebSocket is told. */
export interface WebSocketObserver {
  onMessage(text: string, encoding: TextEncoding): void;
  onPong(): void;
  /** The last moment to send anything; called once, whoever closes. */
  onClosing(): void;
  /** The connection is gone; called once. */
  onClosed(): void;
  /** Most bytes a message may have right now. */
  maxPayload(): number;
}

/**
 * The server's end of one WebSocket, after the handshake: reads frames, answers pings, and parts as
 * RFC 6455 (section 7) says. Messages are written to the socket by whoever owns it.
 *
 * Why not a WebSocket of ws: a login is a visit of a few frames, and to make, close and forget one of
 * those, with the two streams it consists of, is a third of what such a visit costs.
 */
export class ServerWebSocket implements FrameTarget {
  readonly reader = new FrameReader(this);
  #isOpen = true;

  /** @param socket - somebody listens to its errors; nothing behind the handshake was read */
  constructor(
    private readonly socket: Duplex,
    private readonly observer: WebSocketObserver,
  ) {
    socket.on('data', (chunk: Buffer) => this.reader.push(chunk));
    socket.on('end', () => this.#hangUp());
    socket.on('close', () => {
      this.#becomeClosing();
      this.reader.stop();
      observer.onClosed();
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Says goodbye; the connection ends when the client has answered, or when its owner loses patience. */
  close(code: number, reason: string): void {
    if (this.#becomeClosing()) this.#write(closeFrame(code, reason));
  }

  /** Ends the connection without a word. */
  terminate(): void {
    this.socket.destroy();
  }

  ping(): void {
    this.#write(controlFrame(Opcode.ping));
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  maxPayload(): number {
    return this.observer.maxPayload();
  }

  onMessage(text: string, encoding: TextEncoding): void {
    this.observer.onMessage(text, encoding);
  }

  onPing(payload: Buffer): void {
    if (this.isOpen) this.#write(controlFrame(Opcode.pong, payload));
  }

  onPong(): void {
    this.observer.onPong();
  }

  onClose(code: number | null): void {
    if (this.#becomeClosing()) this.#write(closeFrame(code));
    this.#part();
  }

  onViolation(code: number, reason: string): void {
    this.close(code, reason);
    this.socket.end(); // the client may be in the middle of something: it is heard out, not cut off
  }

  /** Both have said goodbye: the server hangs up first. */
  #part(): void {
    const { socket } = this;
    // what the kernel has needs nobody to wait for it; over TLS a goodbye of its own is to be said
    if (socket.writableLength === 0 && !('encrypted' in socket)) socket.destroy();
    else socket.end();
  }

  /** The client sends nothing more; what is on its way to it still goes. */
  #hangUp(): void {
    this.#becomeClosing();
    this.socket.end();
  }

  /** False when it was closing already. */
  #becomeClosing(): boolean {
    if (!this.#isOpen) return false;
    this.observer.onClosing();
    this.#isOpen = false;
    return true;
  }

  #write(frame: Buffer): void {
    if (this.socket.writable) this.socket.write(frame);
  }
}
