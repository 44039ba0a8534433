import { FailureFeed } from '../failure-feed.js';

/** All logins are here. */
export class LocalFailureFeed extends FailureFeed {
  tell(): void {
    // nobody to tell
  }

  follow(): () => void {
    return () => undefined;
  }
}
