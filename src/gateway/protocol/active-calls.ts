import type { RpcException } from '../../common/index.js';
import type { Call } from '../../rpc/index.js';
import type { CallStream } from './call-stream.js';
import type { FrameId } from './frame.js';

/** A call that has not been answered, or a stream that has not been drained. */
export interface ActiveCall {
  readonly call: Call;
  readonly stream: CallStream | null;
}

/** What a call ends with that somebody else ended. */
export interface CallEnding {
  readonly reason: RpcException;
  readonly isConcerned: (call: Call) => boolean;
  /** Answers one that waits for nothing else: a stream or view. */
  readonly fail: (id: FrameId) => void;
}

/** The calls of one connection that are not over. */
export class ActiveCalls {
  readonly #calls = new Map<FrameId, ActiveCall>();
  /** Methods that have not ended, aborted ones included. */
  #running = 0;

  get size(): number {
    return this.#calls.size;
  }

  /**
   * An abort frees its place at once, whether or not the method has noticed; but no more aborted
   * methods may still be running than there are places.
   */
  isFull(places: number): boolean {
    return this.#calls.size >= places || this.#running >= 2 * places;
  }

  has(id: FrameId): boolean {
    return this.#calls.size > 0 && this.#calls.has(id);
  }

  get(id: FrameId): ActiveCall | undefined {
    return this.#calls.get(id);
  }

  /** False once the call was aborted or its connection went: nobody waits for an outcome any more. */
  isCurrent(id: FrameId, active: ActiveCall): boolean {
    return this.#calls.get(id) === active;
  }

  /** A stream that is to be drained: its method has ended. */
  add(id: FrameId, active: ActiveCall): void {
    this.#calls.set(id, active);
  }

  remove(id: FrameId): void {
    this.#calls.delete(id);
  }

  /** A method that has not ended; pair it with one {@link methodEnded}. */
  methodBegan(id: FrameId, active: ActiveCall): void {
    this.#running += 1;
    this.#calls.set(id, active);
  }

  /** False when nobody waits for its outcome any more. */
  methodEnded(id: FrameId, active: ActiveCall): boolean {
    this.#running -= 1;
    return this.isCurrent(id, active) && this.#calls.delete(id);
  }

  /**
   * Ends what is concerned. A stream or view ends with the reason. Any other call gets its signal, and its
   * method has the last word: it may have done what it was called for, be it to take these very rights away.
   */
  end({ reason, isConcerned, fail }: CallEnding): void {
    for (const [id, { call, stream }] of [...this.#calls]) {
      if (!isConcerned(call)) continue;
      call.abort(reason);
      if (stream === null) continue;
      this.#calls.delete(id);
      void stream.dispose();
      fail(id);
    }
  }

  /** Nobody is there any more who could be answered. */
  cancelAll(reason: RpcException): void {
    for (const { call, stream } of this.#calls.values()) {
      call.abort(reason);
      void stream?.dispose();
    }
    this.#calls.clear();
  }
}
