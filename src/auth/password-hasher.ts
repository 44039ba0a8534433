import { coded } from '../common/index.js';
import { hashPassword, verifyPassword } from './password-hash.js';

/** Two hashes at a time: 64 MiB, and half of Node's thread pool stays free for files and names. */
const PARALLEL = 2;
/** Some five seconds of work; who comes later is sent away instead of waiting longer than a login may. */
const MAX_WAITING = 128;
const RETRY_SECONDS = 5;

interface Waiting {
  readonly start: () => void;
}

/**
 * Hashes and checks passwords, a bounded number at a time and in order, so that a flood of logins
 * can take neither the thread pool nor the memory.
 */
export class PasswordHasher {
  #running = 0;
  readonly #waiting = new Set<Waiting>();

  /** @throws RpcException EBUSY when too many wait already */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => hashPassword(password));
  }

  /**
   * Whether the password fits what is stored; false after the same time when nothing is.
   *
   * @throws RpcException EBUSY when too many wait already; whatever `signal` was aborted with
   */
  verify(password: string, stored: string | null, signal?: AbortSignal): Promise<boolean> {
    return this.#inTurn(() => verifyPassword(password, stored), signal);
  }

  async #inTurn<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#place(signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** Resolves when a place is free; a waiting client that goes gives up its turn at once. */
  #place(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#running < PARALLEL) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#waiting.size >= MAX_WAITING) throw coded('LOGINS_BUSY', { seconds: RETRY_SECONDS });
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.delete(waiting);
        reject(signal?.reason as Error);
      };
      const waiting = {
        start: () => {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      this.#waiting.add(waiting);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** The place goes to the next in the queue, or becomes free. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(next);
    next.start();
  }
}
