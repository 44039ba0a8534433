import type { FailureFeed } from '../cluster/index.js';
import { addressGroup, coded } from '../common/index.js';
import { FailureWindow } from './failure-window.js';
import { RecentTable } from './recent-table.js';

/** Of addresses: some megabytes at most. */
const MAX_ENTRIES = 10_000;

/**
 * Bounds how long an address is listened to that shows tokens and keys which are none. Nobody guesses
 * 256 random bits, so one that is right is never refused for what others at its address do, and the
 * failures of a forgotten script do not stand in the way of those who log in with a password.
 */
export class TokenGuesses {
  readonly #addresses = new RecentTable<FailureWindow>(MAX_ENTRIES);

  constructor(
    private readonly nowMs: () => number,
    private readonly failuresPerMinute: number,
    private readonly feed: FailureFeed,
  ) {
    feed.follow((news) => {
      if (news.kind === 'guessed') this.#failuresOf(news.source).add(this.nowMs());
    });
  }

  /**
   * Counts one that was wrong.
   *
   * @param ip - null for a peer without an address
   * @throws RpcException EBUSY with the seconds to wait, when the address has used up its failures
   */
  count(ip: string | null): void {
    const source = ip === null ? 'unix' : addressGroup(ip);
    const failures = this.#failuresOf(source);
    const now = this.nowMs();
    if (failures.isFull(now)) {
      throw coded('LOGINS_THROTTLED', { seconds: failures.secondsLeft(now) });
    }
    failures.add(now);
    this.feed.tell({ kind: 'guessed', source });
  }

  #failuresOf(source: string): FailureWindow {
    const make = (): FailureWindow => new FailureWindow(this.failuresPerMinute);
    return this.#addresses.getOrAdd(source, make);
  }
}
