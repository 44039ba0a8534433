import { Errno, RpcException } from '../../common/index.js';
import type { StoredGeneration } from '../state/index.js';

const MAX_WAITING = 100;
const MAX_SECONDS = 24 * 60 * 60;

/** Generations that are taken back unless somebody confirms them in time. */
export class Confirmations {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(private readonly expired: (generation: StoredGeneration) => void) {}

  /** @throws RpcException EINVAL for a time that is none, EBUSY when too many wait */
  assertPossible(seconds: number | undefined): void {
    if (seconds === undefined) return;
    if (!Number.isFinite(seconds) || seconds <= 0 || seconds > MAX_SECONDS) {
      const message = `confirmSeconds: expected up to ${MAX_SECONDS}, got ${seconds}`;
      throw new RpcException(Errno.EINVAL, message);
    }
    if (this.#timers.size < MAX_WAITING) return;
    const message = `${MAX_WAITING} generations wait to be confirmed; confirm one first`;
    throw new RpcException(Errno.EBUSY, message);
  }

  /** Begins to wait; of one from before the start, for the rest of its time. */
  await(generation: StoredGeneration): void {
    const left = Date.parse(generation.confirmBy ?? '') - Date.now();
    const timer = setTimeout(
      () => {
        this.#timers.delete(generation.id);
        this.expired(generation);
      },
      Math.max(0, left),
    );
    this.#timers.set(generation.id, timer);
  }

  /** @throws RpcException ENOENT when none waits under that id */
  confirm(id: string): void {
    const timer = this.#timers.get(id);
    if (timer === undefined) {
      const message = `No generation ${id} waits to be confirmed: it was confirmed, or taken back, or is not known`;
      throw new RpcException(Errno.ENOENT, message);
    }
    clearTimeout(timer);
    this.#timers.delete(id);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
