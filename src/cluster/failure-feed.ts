import type { Unsubscribe } from './unsubscribe.js';

/** What logins at one node say to the throttles of all. */
export type FailureNews =
  /** A password was wrong; `isProven`: the user has logged in from there before. */
  | {
      readonly kind: 'failed';
      readonly user: string;
      readonly source: string;
      readonly isProven: boolean;
    }
  /** A password was right. */
  | { readonly kind: 'proven'; readonly user: string; readonly source: string }
  /** The next guess at the user, whose failures are used up, is decided no earlier than in so long. */
  | { readonly kind: 'paced'; readonly user: string; readonly inMs: number }
  /** What was shown as a token was none. */
  | { readonly kind: 'guessed'; readonly source: string };

/** Tells the nodes of failed logins at each other, so that a limit holds for the sum of them. */
export abstract class FailureFeed {
  /** Nobody waits for it, and it may be lost. */
  abstract tell(news: FailureNews): void;
  /** Told of what happened at other nodes. */
  abstract follow(listener: (news: FailureNews) => void): Unsubscribe;
}
