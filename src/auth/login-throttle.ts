import type { FailureFeed, FailureNews } from '../cluster/index.js';
import { addressGroup, coded, type RpcException } from '../common/index.js';
import { FailureWindow } from './failure-window.js';
import type { Standing } from './login-queue.js';
import { ProvenPairs } from './proven-pairs.js';
import { RecentTable } from './recent-table.js';

/** Of addresses and of user names: some megabytes at most. */
const MAX_ENTRIES = 10_000;
/** Typing errors are free; from the fourth failure of a minute on each doubles the wait. */
const FREE_FAILURES = 3;
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 1_000;
/** How often a guess at a user is decided whose failures are used up, and how many may queue for it. */
const PACE_MS = 2_000;
const MAX_PACED_WAIT_MS = 4_000;

/** Who wants to log in from where; the signal fires when the client has gone. */
export interface LoginAttempt {
  readonly username: string;
  readonly ip: string | null;
  readonly signal: AbortSignal;
}

/** How an attempt that is let through is to be decided. */
interface Turn {
  readonly delayMs: number;
  readonly standing: Standing;
  /** The address, or the network that counts as one. */
  readonly source: string;
}

/** Finds out, in its turn, whether the password is right. What it throws is no failed login. */
export type Decide = (turn: Turn) => Promise<boolean>;

/**
 * Bounds guessing at passwords: so many failures a minute per address and per user, first slowed,
 * then refused.
 *
 * Two kinds of attack pull in opposite directions. One address that guesses is stopped by its own
 * count, whatever users it tries. Many addresses that guess at one user are stopped only by a count
 * of the user, but a user who can be refused for what others did can be locked out by anybody.
 * Hence, when the failures of a user are used up:
 *
 * - a user at an address from which that user has logged in before is bound by the failures of this
 *   pair alone, and they do not count for the user: the owner at the usual place notices nothing,
 *   whoever guesses at whatever from wherever, the same address included;
 * - an address with failures of its own in this minute is refused;
 * - an address without any gets its chance, but all of these share one queue per user that is
 *   served every two seconds. However many addresses attack, they get 30 guesses a minute, and
 *   the owner at a new place waits a little or is told to try again.
 *
 * Attempts that are being decided count as failures until they are: those there would be no room for
 * wait, so that a thousand guesses at once are no way around, and a thousand right passwords at once
 * are none refused. A success clears nothing: with an account of one's own one must not be able to
 * reset the count between guesses at another's.
 *
 * Of several nodes each counts the failures at all, and hears where a user has logged in and when the
 * queue of a user is served next: the limits hold for the sum, but for what is on its way.
 */
export class LoginThrottle {
  readonly #addresses = new RecentTable<FailureWindow>(MAX_ENTRIES);
  readonly #users = new RecentTable<FailureWindow>(MAX_ENTRIES);
  readonly #proven: ProvenPairs;

  constructor(
    private readonly nowMs: () => number,
    private readonly failuresPerMinute: number,
    private readonly feed: FailureFeed,
  ) {
    this.#proven = new ProvenPairs(failuresPerMinute);
    feed.follow((news) => this.#hear(news));
  }

  /**
   * Lets a password be checked if there is room for one more failure; no work is done before.
   *
   * @throws RpcException EBUSY with the seconds to wait; whatever `decide` or the signal throws
   */
  async attempt(attempt: LoginAttempt, decide: Decide): Promise<boolean> {
    const { username, signal } = attempt;
    const source = attempt.ip === null ? 'unix' : addressGroup(attempt.ip);
    const admitted = await this.#admit({ username, source }, signal);
    const { standing, delayMs } = admitted;
    try {
      const isRight = await decide({ standing, delayMs, source });
      const login = { user: username, source };
      if (isRight) {
        this.#proven.add(username, source);
        this.feed.tell({ kind: 'proven', ...login });
      } else {
        for (const window of admitted.counted) window.add(this.nowMs());
        this.feed.tell({ kind: 'failed', ...login, isProven: standing === 'proven' });
      }
      return isRight;
    } finally {
      for (const window of admitted.reserved) window.leave();
    }
  }

  async #admit(who: Who, signal: AbortSignal): Promise<Admission> {
    for (;;) {
      const now = this.nowMs();
      const own = this.#windowOf(this.#addresses, who.source);
      const pair = this.#proven.find(who.username, who.source);
      const bound = pair ?? own;
      // before the table of users is looked at: who is refused must not push others out of it
      if (bound.isFull(now)) throw throttled(bound.secondsLeft(now));
      const shared = pair === undefined ? this.#windowOf(this.#users, who.username) : null;
      const isPaced = shared?.isFull(now) === true;
      const reserved = shared === null || isPaced ? [bound] : [bound, shared];
      const busy = reserved.find((window) => window.isBusy(now));
      if (busy === undefined) {
        const failures = Math.max(bound.count(now), shared?.count(now) ?? 0);
        const delayMs = isPaced ? turnOf({ own, shared }, now) : delayAfter(failures);
        if (isPaced)
          this.feed.tell({ kind: 'paced', user: who.username, inMs: shared.nextTurnMs - now });
        const isClean = own.count(now) === 0 && !own.isDeciding;
        const standing = pair !== undefined ? 'proven' : isClean ? 'clean' : 'suspect';
        // in the same breath as the check: others are on their way here
        for (const window of reserved) window.enter();
        const counted = shared === null ? [bound, own] : [own, shared];
        return { reserved, counted, delayMs, standing };
      }
      await busy.whenDecided(signal);
    }
  }

  /** What happened at another node, as if it had happened here. */
  #hear(news: FailureNews): void {
    const now = this.nowMs();
    switch (news.kind) {
      case 'failed':
        this.#windowOf(this.#addresses, news.source).add(now);
        if (!news.isProven) this.#windowOf(this.#users, news.user).add(now);
        else this.#proven.add(news.user, news.source).add(now);
        break;
      case 'proven':
        this.#proven.add(news.user, news.source);
        break;
      case 'paced': {
        const shared = this.#windowOf(this.#users, news.user);
        shared.nextTurnMs = Math.max(shared.nextTurnMs, now + news.inMs);
        break;
      }
      case 'guessed':
        break; // of tokens: see `TokenGuesses`
    }
  }

  #windowOf(table: RecentTable<FailureWindow>, key: string): FailureWindow {
    return table.getOrAdd(key, () => new FailureWindow(this.failuresPerMinute));
  }
}

interface Who {
  readonly username: string;
  readonly source: string;
}

interface Keys {
  /** Failures of the address. */
  readonly own: FailureWindow;
  /** Failures at the user. */
  readonly shared: FailureWindow;
}

interface Admission {
  /** Where the attempt takes up room while it is decided. */
  readonly reserved: readonly FailureWindow[];
  /** Where a failure counts. */
  readonly counted: readonly FailureWindow[];
  readonly delayMs: number;
  readonly standing: Standing;
}

function delayAfter(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - FREE_FAILURES));
}

/** How long until its turn in the queue of a user whose failures are used up. */
function turnOf({ own, shared }: Keys, nowMs: number): number {
  if (own.count(nowMs) > 0) throw throttled(shared.secondsLeft(nowMs));
  const turnMs = Math.max(nowMs + PACE_MS, shared.nextTurnMs);
  const waitMs = turnMs - nowMs;
  if (waitMs > MAX_PACED_WAIT_MS) throw throttled(Math.ceil(waitMs / 1_000));
  shared.nextTurnMs = turnMs + PACE_MS;
  return waitMs;
}

function throttled(seconds: number): RpcException {
  return coded('LOGINS_THROTTLED', { seconds });
}
