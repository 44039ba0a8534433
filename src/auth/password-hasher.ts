import { coded, onAbort } from '../common/index.js';
import { LoginQueue, type Standing, type Waiting } from './login-queue.js';
import { hashPassword, verifyPassword } from './password-hash.js';

/** Two hashes at a time: 64 MiB, and half of Node's thread pool stays free for files and names. */
const PARALLEL = 2;
/** Some five seconds of work; who comes later is sent away instead of waiting longer than a login may. */
const MAX_WAITING = 128;
const RETRY_SECONDS = 5;

/** For whom work is done; the signal fires when that one has gone. */
export interface HashClient {
  readonly standing: Standing;
  readonly source: string;
  readonly signal?: AbortSignal;
}

/** Who changes passwords is logged in. */
const ACCOUNTS: HashClient = { standing: 'proven', source: 'accounts' };
const SOMEBODY: HashClient = { standing: 'clean', source: '' };

/**
 * Hashes and checks passwords, a bounded number at a time and in fair order, so that a flood of logins
 * can take neither the thread pool nor the memory, nor the turn of whoever is no part of it.
 */
export class PasswordHasher {
  #running = 0;
  readonly #queue = new LoginQueue(MAX_WAITING);

  /** @throws RpcException EBUSY when too many wait already */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => hashPassword(password), ACCOUNTS);
  }

  /**
   * Whether the password fits what is stored; false after the same time when nothing is.
   *
   * @throws RpcException EBUSY when too many wait already; whatever the signal was aborted with
   */
  verify(password: string, stored: string | null, client = SOMEBODY): Promise<boolean> {
    return this.#inTurn(() => verifyPassword(password, stored), client);
  }

  async #inTurn<T>(work: () => Promise<T>, client: HashClient): Promise<T> {
    await this.#place(client);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** Resolves when a place is free; a waiting client that goes gives up its turn at once. */
  #place({ standing, source, signal }: HashClient): Promise<void> {
    signal?.throwIfAborted();
    if (this.#running < PARALLEL) {
      this.#running += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        forget();
        settle();
      };
      const refuse = (): void => reject(coded('LOGINS_BUSY', { seconds: RETRY_SECONDS }));
      const waiting: Waiting = {
        standing,
        source,
        start: () => end(resolve),
        evict: () => end(refuse),
      };
      if (!this.#queue.add(waiting)) {
        refuse();
        return;
      }
      const forget = onAbort(signal, () => {
        this.#queue.delete(waiting);
        reject(signal?.reason as Error);
      });
    });
  }

  /** The place goes to whose turn it is, or becomes free. */
  #leave(): void {
    const next = this.#queue.next();
    if (next === undefined) this.#running -= 1;
    else next.start();
  }
}
