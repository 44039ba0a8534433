import { assertResponse, type BenchUser, type Dialect } from './dialects.js';
import type { RawSocket } from './raw-socket.js';
import { clientFrame } from './wire.js';

/** What a caller reports to. */
export interface CallerOwner {
  /** Whether answered calls are to be made again. */
  readonly isRunning: boolean;
  onAnswers(count: number): void;
  onFailure(error: Error): void;
}

/** One call that is made over and over: its frame on the wire and the bytes that answer it. */
interface Slot {
  readonly frame: Buffer;
  readonly reply: Buffer;
}

/**
 * One connection that keeps a number of calls in flight. Each call has an encoded frame and the answer it got in
 * the set-up, where it was parsed and checked; from then on an answer is compared byte by byte, so that
 * every answer is verified and none is parsed. Answers may come in any order.
 */
export class Caller {
  /** Indexes of the slots in flight, oldest first. */
  private inFlight: number[] = [];
  private answered: number[] = [];
  /** All frames twice in a row, so that any run of neighbours is one slice and one write. */
  private readonly ring: Buffer;
  private readonly frameStarts: readonly number[];

  private constructor(
    private readonly socket: RawSocket,
    private readonly slots: readonly Slot[],
    private readonly owner: CallerOwner,
  ) {
    const frames = [...slots, ...slots].map((slot) => slot.frame);
    this.ring = Buffer.concat(frames);
    let length = 0;
    this.frameStarts = [0, ...frames.map((frame) => (length += frame.length))];
    socket.listen({
      onMessage: (buffer, start, end) => this.onAnswer(buffer, start, end),
      onReadEnd: () => this.onReadEnd(),
      onFailure: (error) => owner.onFailure(error),
    });
  }

  /** Makes each call once, checks its answer and keeps it as the pattern. The socket is logged in already. */
  static async create(
    socket: RawSocket,
    calls: { readonly dialect: Dialect; readonly users: readonly BenchUser[] },
    owner: CallerOwner,
  ): Promise<Caller> {
    const slots: Slot[] = [];
    for (const [i, user] of calls.users.entries()) {
      const request = JSON.stringify(calls.dialect.request(i + 1, user));
      const frame = clientFrame(Buffer.from(request));
      const reply = await socket.exchange(frame);
      assertResponse(reply, calls.dialect.response(i + 1, user));
      slots.push({ frame, reply: Buffer.from(reply) });
    }
    return new Caller(socket, slots, owner);
  }

  get isIdle(): boolean {
    return this.inFlight.length === 0;
  }

  /** Puts all calls in flight. */
  start(): void {
    this.send(Array.from(this.slots, (_, i) => i));
  }

  private onAnswer(buffer: Buffer, start: number, end: number): void {
    const position = this.inFlight.findIndex((slot) => this.isReplyOf(slot, buffer, start, end));
    const [slot] = position === -1 ? [] : this.inFlight.splice(position, 1);
    if (slot === undefined) {
      throw new Error(`Unexpected message: ${buffer.toString('utf8', start, end).slice(0, 300)}`);
    }
    this.answered.push(slot);
  }

  private isReplyOf(slot: number, buffer: Buffer, start: number, end: number): boolean {
    const reply = this.slots[slot]?.reply;
    return (
      reply?.length === end - start && buffer.compare(reply, 0, reply.length, start, end) === 0
    );
  }

  private onReadEnd(): void {
    const { answered } = this;
    if (answered.length === 0) return;
    this.answered = [];
    if (this.owner.isRunning) this.send(answered);
    this.owner.onAnswers(answered.length);
  }

  private send(slots: readonly number[]): void {
    for (const slot of slots) this.inFlight.push(slot);
    this.socket.write(this.framesOf(slots));
  }

  /** Answers nearly always come in order, and then the next frames are neighbours in the ring. */
  private framesOf(slots: readonly number[]): Buffer {
    const [first = 0] = slots;
    const isRun = slots.every((slot, i) => slot === (first + i) % this.slots.length);
    if (isRun) {
      return this.ring.subarray(this.frameStarts[first], this.frameStarts[first + slots.length]);
    }
    return Buffer.concat(slots.flatMap((slot) => this.slots[slot]?.frame ?? []));
  }
}
