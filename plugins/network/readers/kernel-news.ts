import { Injectable } from '@nestjs/common';
import { type ChildProcess, spawn } from 'node:child_process';
import { Bell } from './bell.js';

/** What the kernel tells of. */
export type NewsTopic = 'link' | 'address';

/** How whoever listens waits: until its signal fires, on a clock of its own. */
export interface Patience {
  readonly signal: AbortSignal;
  readonly pause: (ms: number) => Promise<void>;
}

const POLL_MS = 1000;
/** Less than a person notices; a storm of messages costs ten readings a second. */
const GAP_MS = 100;
/** By then `ip` listens, or has ended because it cannot. */
const SETTLE_MS = 1000;

/**
 * Tells that links or addresses may have changed: by `ip monitor`, to which the kernel sends each
 * change, or each second where that tool is missing or cannot do it (as BusyBox's). Only a hint: the
 * lines of `ip` say the same thing several times, and say "Deleted" of a link that left a bridge.
 */
@Injectable()
export class KernelNews {
  /**
   * Calls `heard` for each hint, one call at a time, until the signal fires, and then rejects with
   * the signal's reason.
   *
   * @throws Error when `ip monitor` had worked and ended by itself
   */
  async follow(topic: NewsTopic, heard: () => Promise<void>, patience: Patience): Promise<never> {
    await this.#followMonitor(topic, heard, patience);
    for (;;) {
      await patience.pause(POLL_MS);
      await heard();
    }
  }

  protected spawn(topic: NewsTopic): ChildProcess {
    return spawn('ip', ['-oneline', 'monitor', topic], { stdio: ['ignore', 'pipe', 'ignore'] });
  }

  /** Returns only when there is no monitor that works. */
  async #followMonitor(
    topic: NewsTopic,
    heard: () => Promise<void>,
    { signal, pause }: Patience,
  ): Promise<void> {
    const bell = new Bell(signal);
    const child = this.spawn(topic);
    child.stdout?.on('data', () => bell.ring());
    child.once('error', () => bell.end());
    child.once('close', () => bell.end());
    // What changed before `ip` listened is found by one reading more
    const settled = setTimeout(() => bell.ring(), SETTLE_MS);
    let hasWorked = false;
    try {
      while (await bell.rung()) {
        hasWorked = true;
        await heard();
        await pause(GAP_MS);
      }
      if (hasWorked) throw new Error(`ip monitor ${topic} ended`);
    } finally {
      clearTimeout(settled);
      bell.close();
      child.kill();
    }
  }
}
