import type { Duplex } from 'node:stream';
import { EventBatch, type EventForm } from './event-batch.js';
import { joinFrames, textFrame } from './websocket-frame.js';

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

export interface OutboxParts {
  readonly flusher: OutboxFlusher;
  readonly limits: OutboxLimits;
}

/** Past that many times the limit in bytes nothing more is taken, grace or not. */
const CEILING = 4;

type Item = string | Buffer | EventBatch;

/** A socket counts what it was given; a plain stream in a test need not. */
export type OutboxSocket = Duplex & { readonly bytesWritten?: number };

/**
 * The frames on their way to one client. They are queued and leave together at the end of the tick,
 * in one write; what the client does not take stays counted, so that the owner can let go of a
 * client that never reads.
 */
export class Outbox {
  /** Whether the events of one tick go as one frame. */
  eventForm: EventForm = 'plain';
  #queue: Item[] = [];
  #unacknowledgedFrames = 0;
  /** The largest buffer since nothing was waiting: see {@link Outbox.#backlogBytes}. */
  #largestBytes = 0;
  #isOverflowing = false;
  #overLimitSince: number | null = null;
  #isCongested = false;

  constructor(
    private readonly socket: OutboxSocket,
    private readonly parts: OutboxParts,
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

  /** Bytes that the socket holds because its peer does not take them. */
  get pendingBytes(): number {
    return this.socket.writableLength;
  }

  push(frame: string | Buffer): void {
    if (this.#queue.push(frame) === 1) this.parts.flusher.add(this);
  }

  /** @param event - the one object for all who get the event: what they send is made once */
  pushEvent(event: EventBatch): void {
    const queue = this.#queue;
    const last = queue[queue.length - 1];
    if (last instanceof EventBatch) queue[queue.length - 1] = last.with(event);
    else if (queue.push(event) === 1) this.parts.flusher.add(this);
  }

  flush(): void {
    const queue = this.#queue;
    if (queue.length === 0) return;
    this.#queue = [];
    const { socket } = this;
    if (socket.destroyed || !socket.writable) return;
    if (this.#overflows()) return;
    const buffers = this.#buffersOf(queue);
    const frames = this.#framesIn(queue);
    const [only] = buffers;
    const hasRoom =
      buffers.length === 1 && only !== undefined && socket.writableLength === 0
        ? this.#writeFirst(only, frames)
        : this.#writeBehind(buffers, frames);
    if (!hasRoom && !this.#isCongested) this.#becomeCongested();
  }

  /** The usual case: nothing is waiting, so what was counted before has gone, and no callback is needed. */
  #writeFirst(buffer: Buffer, frames: number): boolean {
    this.#unacknowledgedFrames = frames;
    this.#largestBytes = buffer.length;
    return this.socket.write(buffer);
  }

  #writeBehind(buffers: readonly Buffer[], frames: number): boolean {
    const { socket } = this;
    this.#unacknowledgedFrames += frames;
    for (const { length } of buffers) this.#largestBytes = Math.max(this.#largestBytes, length);
    socket.cork();
    for (const buffer of buffers.slice(0, -1)) socket.write(buffer);
    const hasRoom = socket.write(buffers.at(-1), () => {
      this.#unacknowledgedFrames = Math.max(0, this.#unacknowledgedFrames - frames);
    });
    socket.uncork();
    return hasRoom;
  }

  /** True when more than the limits has waited for longer than the grace time. */
  isOverLimit(nowMs: number): boolean {
    if (this.#isOverflowing) return true;
    const { limits } = this.parts;
    const isOver = this.pendingFrames > limits.frames || this.#backlogBytes > limits.bytes;
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

  /**
   * What waits, but for the largest piece: a client is not punished for a long answer that it asked
   * for and is reading, and memory stays bounded all the same.
   */
  get #backlogBytes(): number {
    return Math.max(0, this.socket.writableLength - this.#largestBytes);
  }

  /** Whoever is this far behind is let go of at the next look: until then its frames are dropped. */
  #overflows(): boolean {
    this.#isOverflowing ||= this.#backlogBytes > CEILING * this.parts.limits.bytes;
    return this.#isOverflowing;
  }

  #buffersOf(queue: readonly Item[]): readonly Buffer[] {
    const [only] = queue;
    if (queue.length === 1 && only !== undefined) {
      // then all who get the same events write the same buffer, and nothing is copied
      if (only instanceof EventBatch) return only.frames(this.eventForm);
      return [typeof only === 'string' ? textFrame(only) : only];
    }
    return joinFrames(
      queue.flatMap((item) => (item instanceof EventBatch ? item.frames(this.eventForm) : item)),
    );
  }

  #framesIn(queue: readonly Item[]): number {
    if (this.eventForm === 'burst') return queue.length;
    let frames = 0;
    for (const item of queue) frames += item instanceof EventBatch ? item.count : 1;
    return frames;
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
