import { RowFeed } from '../row-feed.js';

/** Nobody else writes the store: there is nobody to tell, and nothing to hear. */
export class LocalRowFeed extends RowFeed {
  readonly node = null;
  readonly isHearing = true;

  tell(): Promise<void> {
    return Promise.resolve();
  }

  follow(): () => void {
    return () => undefined;
  }

  onMissed(): () => void {
    return () => undefined;
  }
}
