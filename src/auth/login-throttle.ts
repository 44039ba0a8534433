import { coded, type RpcException } from '../common/index.js';
import { addressGroup } from './address-group.js';
import { FailureWindow } from './failure-window.js';
import { RecentTable } from './recent-table.js';

/** Of addresses, of user names, and of pairs of both: some megabytes at most. */
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

/** Finds out, after a delay, whether the password is right. What it throws is no failed login. */
export type Decide = (delayMs: number) => Promise<boolean>;

/**
 * Bounds guessing at passwords: so many failures a minute per address and per user, first slowed,
 * then refused.
 *
 * Two kinds of attack pull in opposite directions. One address that guesses is stopped by its own
 * count, whatever users it tries. Many addresses that guess at one user are stopped only by a count
 * of the user, but a user who can be refused for what others did can be locked out by anybody.
 * Hence, when the failures of a user are used up:
 *
 * - an address from which this user has logged in before is bound by its own count alone, and its
 *   failures do not count for the user: the owner at the usual place notices nothing;
 * - an address with failures of its own in this minute is refused;
 * - an address without any gets its chance, but all of these share one queue per user that is
 *   served every two seconds. However many addresses attack, they get 30 guesses a minute, and
 *   the owner at a new place waits a little or is told to try again.
 *
 * Attempts that are being decided count as failures until they are: those there would be no room for
 * wait, so that a thousand guesses at once are no way around, and a thousand right passwords at once
 * are none refused. A success clears nothing: with an account of one's own one must not be able to
 * reset the count between guesses at another's.
 */
export class LoginThrottle {
  readonly #addresses = new RecentTable<FailureWindow>(MAX_ENTRIES);
  readonly #users = new RecentTable<FailureWindow>(MAX_ENTRIES);
  readonly #trusted = new RecentTable<true>(MAX_ENTRIES);

  constructor(
    private readonly nowMs: () => number,
    private readonly failuresPerMinute: number,
  ) {}

  /**
   * Lets a password be checked if there is room for one more failure; no work is done before.
   *
   * @throws RpcException EBUSY with the seconds to wait; whatever `decide` or the signal throws
   */
  async attempt(attempt: LoginAttempt, decide: Decide): Promise<boolean> {
    const { own, shared, pair } = this.#keys(attempt);
    const admitted = await this.#admit({ own, shared, pair }, attempt.signal);
    try {
      const isRight = await decide(admitted.delayMs);
      if (isRight) this.#trusted.set(pair, true);
      else for (const window of admitted.counted) window.add(this.nowMs());
      return isRight;
    } finally {
      for (const window of admitted.reserved) window.leave();
    }
  }

  async #admit({ own, shared, pair }: Keys, signal: AbortSignal): Promise<Admission> {
    for (;;) {
      const now = this.nowMs();
      if (own.isFull(now)) throw throttled(own.secondsLeft(now));
      const isTrusted = this.#trusted.get(pair) === true;
      const isPaced = !isTrusted && shared.isFull(now);
      const reserved = isTrusted || isPaced ? [own] : [own, shared];
      const busy = reserved.find((window) => window.isBusy(now));
      if (busy === undefined) {
        const failures = Math.max(own.count(now), isTrusted ? 0 : shared.count(now));
        const delayMs = isPaced ? turnOf({ own, shared }, now) : delayAfter(failures);
        // in the same breath as the check: others are on their way here
        for (const window of reserved) window.enter();
        return { reserved, counted: isTrusted ? [own] : [own, shared], delayMs };
      }
      await busy.whenDecided(signal);
    }
  }

  #keys({ username, ip }: LoginAttempt): Keys {
    const address = addressGroup(ip);
    const make = (): FailureWindow => new FailureWindow(this.failuresPerMinute);
    return {
      own: this.#addresses.getOrAdd(address, make),
      shared: this.#users.getOrAdd(username, make),
      pair: `${address} ${username}`,
    };
  }
}

interface Keys {
  /** Failures of the address. */
  readonly own: FailureWindow;
  /** Failures at the user. */
  readonly shared: FailureWindow;
  readonly pair: string;
}

interface Admission {
  /** Where the attempt takes up room while it is decided. */
  readonly reserved: readonly FailureWindow[];
  /** Where a failure counts. */
  readonly counted: readonly FailureWindow[];
  readonly delayMs: number;
}

function delayAfter(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - FREE_FAILURES));
}

/** How long until its turn in the queue of a user whose failures are used up. */
function turnOf({ own, shared }: Pick<Keys, 'own' | 'shared'>, nowMs: number): number {
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
