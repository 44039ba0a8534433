import type { Duplex } from 'node:stream';
import { type EventForm, FrameBatch } from './frame-batch.js';
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

/** Past that many times a limit nothing more is taken, grace or not. */
const CEILING = 4;
/** What a client that was behind is written at a time. */
const PORTION_BYTES = 1_024 * 1_024;
/** Events that wait in one piece: a portion is made of whole pieces. */
const MAX_WAITING_BATCH = 256;
/** A frame of that length does not wait for others to leave with it. */
const LARGE = 1_024 * 1_024;

type Item = string | Buffer | FrameBatch;

/** A socket counts what it was given; a plain stream in a test need not. */
export type OutboxSocket = Duplex & { readonly bytesWritten?: number };

/**
 * The frames on their way to one client. They are queued and leave together at the end of the tick, in
 * one write. A socket that has no room is not written to: what its client does not take waits here,
 * counted, so that the owner can let go of a client that never reads, and so that a close frame stands
 * right behind what the socket already has.
 */
export class Outbox {
  #eventForm: EventForm = 'plain';
  #queue: Item[] = [];
  /** Of the queue, while the socket has no room. */
  #waitingFrames = 0;
  #waitingBytes = 0;
  #unacknowledgedFrames = 0;
  /** The largest piece since nothing was waiting: see {@link Outbox.#backlogBytes}. */
  #largestBytes = 0;
  #isOverflowing = false;
  #overLimitSince: number | null = null;
  #isCongested = false;

  constructor(
    private readonly socket: OutboxSocket,
    private readonly parts: OutboxParts,
    private readonly observer: OutboxObserver,
  ) {}

  /** What is queued already goes in that form too. */
  setEventForm(form: EventForm): void {
    this.#eventForm = form;
  }

  get isCongested(): boolean {
    return this.#isCongested;
  }

  /** Bytes that have left the process: as long as they grow, somebody reads at the other end. */
  get sentBytes(): number {
    return (this.socket.bytesWritten ?? 0) - this.socket.writableLength;
  }

  get pendingFrames(): number {
    const unsent = this.socket.writableLength === 0 ? 0 : this.#unacknowledgedFrames;
    return unsent + (this.#isCongested ? this.#waitingFrames : this.#queue.length);
  }

  /** Bytes that wait because the client does not take them. */
  get pendingBytes(): number {
    return this.socket.writableLength + this.#waitingBytes;
  }

  push(frame: string | Buffer): void {
    if (this.#isCongested) this.#wait(frame);
    else if (this.#queue.push(frame) === 1) this.parts.flusher.add(this);
    // many large answers of one tick would lie here uncounted; what waits for the socket is counted
    if (frame.length >= LARGE) this.flush();
  }

  /** @param event - the one object for all who get the event: what they send is made once */
  pushEvent(event: FrameBatch): void {
    if (this.#isCongested) this.#wait(event);
    else if (this.#enqueueEvent(event) === 1) this.parts.flusher.add(this);
  }

  /** What was queued in this tick; of a socket without room, nothing. */
  flush(): void {
    if (this.#isCongested || this.#queue.length === 0) return;
    const queue = this.#queue;
    this.#queue = [];
    if (!this.#write(queue)) this.#becomeCongested();
  }

  /** Everything, whether there is room or not: for who says goodbye. */
  flushAll(): void {
    if (this.#queue.length === 0) return;
    const queue = this.#queue;
    this.discard();
    this.#write(queue);
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
    this.#waitingFrames = 0;
    this.#waitingBytes = 0;
  }

  /**
   * What waits, but for the largest piece: a client is not punished for a long answer that it asked
   * for and is reading, and memory stays bounded all the same.
   */
  get #backlogBytes(): number {
    return Math.max(0, this.pendingBytes - this.#largestBytes);
  }

  #wait(item: Item): void {
    if (this.#overflows()) return;
    const bytes = bytesOf(item);
    this.#waitingFrames += 1;
    this.#waitingBytes += bytes;
    this.#largestBytes = Math.max(this.#largestBytes, bytes);
    if (item instanceof FrameBatch) this.#enqueueEvent(item);
    else this.#queue.push(item);
  }

  /** Returns how many items are queued then. */
  #enqueueEvent(event: FrameBatch): number {
    const queue = this.#queue;
    const last = queue[queue.length - 1];
    const isFull =
      this.#isCongested && last instanceof FrameBatch && last.count >= MAX_WAITING_BATCH;
    if (!(last instanceof FrameBatch) || isFull) return queue.push(event);
    queue[queue.length - 1] = last.with(event);
    return 0;
  }

  /** Whoever is this far behind is let go of at the next look: until then its frames are dropped. */
  #overflows(): boolean {
    const { frames, bytes } = this.parts.limits;
    this.#isOverflowing ||=
      this.#backlogBytes > CEILING * bytes || this.#waitingFrames > CEILING * frames;
    return this.#isOverflowing;
  }

  /** False when the socket has no room for more. */
  #write(items: readonly Item[]): boolean {
    const { socket } = this;
    if (socket.destroyed || !socket.writable) return true;
    const buffers = this.#buffersOf(items);
    const frames = this.#framesIn(items);
    const [only] = buffers;
    return buffers.length === 1 && only !== undefined && socket.writableLength === 0
      ? this.#writeFirst(only, frames)
      : this.#writeBehind(buffers, frames);
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

  #buffersOf(queue: readonly Item[]): readonly Buffer[] {
    const [only] = queue;
    if (queue.length === 1 && only !== undefined) {
      // then all who get the same events write the same buffer, and nothing is copied
      if (only instanceof FrameBatch) return only.frames(this.#eventForm);
      return [typeof only === 'string' ? textFrame(only) : only];
    }
    return joinFrames(
      queue.flatMap((item) => (item instanceof FrameBatch ? item.frames(this.#eventForm) : item)),
    );
  }

  #framesIn(queue: readonly Item[]): number {
    if (this.#eventForm === 'burst') return queue.length;
    let frames = 0;
    for (const item of queue) frames += countOf(item);
    return frames;
  }

  #becomeCongested(): void {
    this.#isCongested = true;
    this.observer.onCongested();
    this.socket.once('drain', () => this.#onRoom());
  }

  #onRoom(): void {
    while (this.#queue.length > 0) {
      if (!this.#write(this.#takePortion())) {
        this.socket.once('drain', () => this.#onRoom());
        return;
      }
    }
    this.#isCongested = false;
    this.discard();
    this.#overLimitSince = null;
    this.observer.onDrained();
  }

  #takePortion(): Item[] {
    let [bytes, taken] = [0, 0];
    for (const item of this.#queue) {
      if (bytes >= PORTION_BYTES) break;
      bytes += bytesOf(item);
      this.#waitingFrames -= countOf(item);
      taken += 1;
    }
    this.#waitingBytes -= bytes;
    return this.#queue.splice(0, taken);
  }
}

function bytesOf(item: Item): number {
  if (item instanceof FrameBatch) return item.bytes;
  return typeof item === 'string' ? Buffer.byteLength(item) : item.length;
}

function countOf(item: Item): number {
  return item instanceof FrameBatch ? item.count : 1;
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
