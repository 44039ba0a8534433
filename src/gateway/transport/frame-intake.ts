import { readTextMessage } from './fast-path.js';
import { MAX_HEADER_BYTES, readFrameHeader } from './frame-header.js';
import { TURN_MS, type TurnClock } from './turn-clock.js';
import type { ServerWebSocket } from './web-socket.js';

/** What one message may have, until all of it is there. */
export interface MessageBounds {
  readonly bytes: number;
  readonly fragments: number;
  /** Pieces in which a frame arrives: each is kept, however small it is. */
  readonly pieces: number;
}

/** Whom the frames are for. */
export interface IntakeTarget {
  /** A text message that `ws` need not see. */
  onText(text: string): void;
  /** Something has arrived, whole or not. */
  onBytes(): void;
  /** What a message may have right now. */
  bounds(): MessageBounds;
}

export interface IntakeOptions {
  readonly turns: TurnClock;
  /** Of one connection in one turn of the event loop. */
  readonly framesPerTurn: number;
  /** Whether common messages are read without `ws`. */
  readonly hasFastPath: boolean;
}

const NOTHING = Buffer.alloc(0);
/** Who sends that much after the connection was given up does not listen: it is cut off. */
const MAX_DISCARDED_BYTES = 64 * 1_024 * 1_024;

/**
 * Hands the bytes of a client to the receiver of `ws` frame by frame, so many frames and so much work
 * in a turn of the event loop, and stops between any two of them. Whole text messages take the fast path past `ws`; all
 * other bytes reach it untouched and in order, and what they mean, faults included, is its decision.
 * While something is left for later turns, or nothing may be delivered, the socket is not read.
 */
export class FrameIntake {
  #chunks: Buffer[] = [];
  /** Bytes still to come of the frame that `ws` is in the middle of. */
  #rest = 0;
  /** The beginning of a header that was cut; `ws` has it already. */
  #cutHeader: Buffer = NOTHING;
  #isControl = false;
  /** Between the fragments of a message: then a text message is a fault, and for `ws` to see. */
  #isInMessage = false;
  #turn = -1;
  #framesLeft = 0;
  #turnEndsAtMs = 0;
  #isPaused = false;
  #isRunning = false;
  #isWaiting = false;
  #isStopped = false;
  #discardedBytes = 0;
  #onDrained: (() => void) | null = null;

  constructor(
    private readonly webSocket: ServerWebSocket,
    private readonly target: IntakeTarget,
    private readonly options: IntakeOptions,
  ) {}

  push(chunk: Buffer): void {
    if (this.#isStopped) {
      this.#discard(chunk);
      return;
    }
    this.target.onBytes();
    this.#chunks.push(chunk);
    this.#run();
  }

  /** The client sends nothing more: `then` is called when all that it did send was delivered. */
  end(then: () => void): void {
    if (this.#chunks.length === 0) then();
    else this.#onDrained = then;
  }

  /** Delivers nothing more, in the middle of a chunk if need be, until {@link resume}. */
  pause(): void {
    this.#isPaused = true;
    if (!this.#isStopped) this.webSocket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#run();
  }

  /** Delivers nothing any more: the connection is over, whatever may still arrive is read and dropped. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#chunks = [];
    this.#onDrained = null;
    if (this.webSocket.isPaused) this.webSocket.resume();
  }

  #run(): void {
    if (this.#isRunning || this.#isWaiting) return;
    this.#isRunning = true;
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      if (!this.#mayDeliver) break;
      const at = this.#consume(chunk);
      if (this.#isStopped) break;
      if (at < chunk.length) {
        this.#chunks[0] = chunk.subarray(at);
        break;
      }
      this.#chunks.shift();
    }
    this.#isRunning = false;
    this.#adjustReading();
  }

  get #mayDeliver(): boolean {
    return !this.#isPaused && !this.#isStopped;
  }

  /** After each run: who is not through waits for the next turn, and its socket with it. */
  #adjustReading(): void {
    const { webSocket } = this;
    if (this.#isStopped) return;
    if (this.#chunks.length > 0) {
      if (!webSocket.isPaused) webSocket.pause();
      if (!this.#isPaused) this.#waitForNextTurn();
    } else if (!this.#isPaused) {
      if (webSocket.isPaused) webSocket.resume();
      const then = this.#onDrained;
      this.#onDrained = null;
      then?.();
    }
  }

  #waitForNextTurn(): void {
    this.#isWaiting = true;
    setImmediate(() => {
      this.#isWaiting = false;
      this.#run();
    });
  }

  /** Delivers what it may and returns where it had to stop. */
  #consume(bytes: Buffer): number {
    const turn = this.options.turns.current;
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#framesLeft = this.options.framesPerTurn;
      this.#turnEndsAtMs = performance.now() + TURN_MS;
    }
    let at = 0;
    while (at < bytes.length && this.#mayDeliver) {
      if (this.#rest > 0) at = this.#passOn(bytes, at);
      else if (this.#isTurnOver) return at;
      else at = this.#begin(bytes, at);
    }
    return at;
  }

  /** One frame there always is, however late its turn begins. */
  get #isTurnOver(): boolean {
    if (this.#framesLeft === 0) return true;
    const hasBegun = this.#framesLeft < this.options.framesPerTurn;
    return hasBegun && performance.now() > this.#turnEndsAtMs;
  }

  /** Takes the frame that begins at `at`, or as much of it as there is; returns where that ends. */
  #begin(bytes: Buffer, at: number): number {
    const isBetweenFrames = this.#cutHeader.length === 0 && !this.#isInMessage;
    if (this.options.hasFastPath && isBetweenFrames) {
      const message = readTextMessage(bytes, at, this.target.bounds().bytes);
      if (message !== null) {
        this.#framesLeft -= 1;
        this.target.onText(message.text);
        return message.end;
      }
    }
    return this.#beginForReceiver(bytes, at);
  }

  #beginForReceiver(bytes: Buffer, at: number): number {
    const cut = this.#cutHeader;
    const begun =
      cut.length === 0 ? null : Buffer.concat([cut, bytes.subarray(at, at + MAX_HEADER_BYTES)]);
    const header = begun === null ? readFrameHeader(bytes, at) : readFrameHeader(begun, 0);
    if (header === null) {
      this.#cutHeader = begun ?? Buffer.from(bytes.subarray(at));
      this.#feed(bytes.subarray(at), 'kept'); // a fault in it is noticed now, not when the rest has come
      return bytes.length;
    }
    this.#cutHeader = NOTHING;
    this.#framesLeft -= 1;
    this.#isControl = header.isControl;
    if (!header.isControl) this.#isInMessage = !header.isFinal;
    this.#rest = header.size - cut.length;
    return this.#passOn(bytes, at);
  }

  #passOn(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#rest);
    this.#rest -= end - at;
    const isWholeMessage = this.#rest === 0 && !this.#isInMessage && !this.#isControl;
    this.#feed(bytes.subarray(at, end), isWholeMessage ? 'read' : 'kept');
    return end;
  }

  /** `kept` is what `ws` may hold on to, when a little of it would hold all that arrived with it. */
  #feed(piece: Buffer, use: 'read' | 'kept'): void {
    const { receiver } = this.webSocket;
    const bounds = this.target.bounds();
    receiver._maxPayload = bounds.bytes;
    receiver._maxFragments = bounds.fragments;
    receiver._maxBufferedChunks = bounds.pieces;
    const isSmallPart = 2 * piece.length < piece.buffer.byteLength;
    receiver.write(use === 'kept' && isSmallPart ? copyOf(piece) : piece);
    if (!receiver.writable) this.stop(); // a close frame or a fault: `ws` takes no more
  }

  #discard({ length }: Buffer): void {
    this.#discardedBytes += length;
    if (this.#discardedBytes > MAX_DISCARDED_BYTES) this.webSocket.terminate();
  }
}

/** In memory of its own, not in the pool that many share. */
function copyOf(piece: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(piece.length);
  piece.copy(copy);
  return copy;
}
