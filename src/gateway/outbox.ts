import type { Duplex } from 'node:stream';
import { joinFrames } from './websocket-frame.js';

export interface OutboxLimits {
  readonly frames: number;
  readonly bytes: number;
  readonly graceMs: number;
}

/** What the owner of an outbox is told. */
export interface OutboxObserver {
  /** The peer does not read as fast as it is written to; ask it for no more work. */
  onCongested(): void;
  onDrained(): void;
}

/** A socket counts what it was given; a plain stream in a test need not. */
export type OutboxSocket = Duplex & { readonly bytesWritten?: number };

/**
 * The frames on their way to one client. They are queued and leave together at the end of the tick,
 * in one write; what the client does not take stays counted, so that the owner can let go of a
 * client that never reads.
 */
export class Outbox {
  #queue: (string | Buffer)[] = [];
  #unacknowledgedFrames = 0;
  #overLimitSince: number | null = null;
  #isCongested = false;

  constructor(
    private readonly socket: OutboxSocket,
    private readonly flusher: OutboxFlusher,
    private readonly observer: OutboxObserver,
  ) {}

  get isCongested(): boolean {
    return this.#isCongested;
  }

  /** Bytes that have left the process: as long as they grow, somebody reads at the other end. */
  get sentBytes(): number {
    return (this.socket.bytesWritten ?? 0) - this.socket.writableLength;
  }

  get pendingFrames(): number {
    const unsent = this.socket.writableLength === 0 ? 0 : this.#unacknowledgedFrames;
    return unsent + this.#queue.length;
  }

  push(frame: string | Buffer): void {
    if (this.#queue.push(frame) === 1) this.flusher.add(this);
  }

  flush(): void {
    const queue = this.#queue;
    if (queue.length === 0) return;
    this.#queue = [];
    const { socket } = this;
    if (socket.destroyed || !socket.writable) return;
    const buffers = joinFrames(queue);
    const [only] = buffers;
    const hasRoom =
      buffers.length === 1 && only !== undefined && socket.writableLength === 0
        ? this.#writeFirst(only, queue.length)
        : this.#writeBehind(buffers, queue.length);
    if (!hasRoom && !this.#isCongested) this.#becomeCongested();
  }

  /** The usual case: nothing is waiting, so what was counted before has gone, and no callback is needed. */
  #writeFirst(buffer: Buffer, frames: number): boolean {
    this.#unacknowledgedFrames = frames;
    return this.socket.write(buffer);
  }

  #writeBehind(buffers: readonly Buffer[], frames: number): boolean {
    const { socket } = this;
    this.#unacknowledgedFrames += frames;
    socket.cork();
    for (const buffer of buffers.slice(0, -1)) socket.write(buffer);
    const hasRoom = socket.write(buffers.at(-1), () => {
      this.#unacknowledgedFrames = Math.max(0, this.#unacknowledgedFrames - frames);
    });
    socket.uncork();
    return hasRoom;
  }

  /** True when more than the limits has waited for longer than the grace time. */
  isOverLimit(limits: OutboxLimits, nowMs: number): boolean {
    const isOver = this.pendingFrames > limits.frames || this.socket.writableLength > limits.bytes;
    if (!isOver) {
      this.#overLimitSince = null;
      return false;
    }
    this.#overLimitSince ??= nowMs;
    return nowMs - this.#overLimitSince >= limits.graceMs;
  }

  /** Forgets what has not been handed to the socket yet. */
  discard(): void {
    this.#queue = [];
  }

  #becomeCongested(): void {
    this.#isCongested = true;
    this.observer.onCongested();
    this.socket.once('drain', () => {
      this.#isCongested = false;
      this.#overLimitSince = null;
      this.observer.onDrained();
    });
  }
}

/** Empties, once per tick, every outbox that something was put into. */
export class OutboxFlusher {
  #dirty: Outbox[] = [];

  add(outbox: Outbox): void {
    // setImmediate runs after all sockets readable in this tick were read: their replies share it
    if (this.#dirty.push(outbox) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const outbox of dirty) outbox.flush();
  }
}
