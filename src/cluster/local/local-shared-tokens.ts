import { SharedTokens } from '../shared-tokens.js';

/** There is nobody to share them with. */
export class LocalSharedTokens extends SharedTokens {
  readonly isShared = false;

  put(): void {
    // nobody to tell
  }

  restore(): void {
    // nobody to tell
  }

  change(): void {
    // nobody to tell
  }

  revoke(): void {
    // nobody to tell
  }

  find(): Promise<null> {
    return Promise.resolve(null);
  }

  follow(): () => void {
    return () => undefined;
  }
}
