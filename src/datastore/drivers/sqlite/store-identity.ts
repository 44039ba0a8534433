import { realpathSync, statSync } from 'node:fs';

/** The path leads to another file than the one that was opened, or to none. */
export class FileGone extends Error {}

/**
 * Which file a store is, and which its log: SQLite goes on writing into files that were unlinked or
 * replaced, where nobody will ever find what it acknowledged.
 */
export class StoreIdentity {
  readonly #files: readonly (readonly [path: string, identity: string | null])[];

  /** @param file - of a store that is open */
  constructor(file: string) {
    const path = realpathSync(file);
    this.#files = [path, `${path}-wal`].map((each) => [each, identityOf(each)]);
  }

  /** A few microseconds: it may be asked for each commit. @throws FileGone */
  assertSame(): void {
    for (const [path, identity] of this.#files) {
      if (identity !== null && identityOf(path) !== identity) throw new FileGone(path);
    }
  }
}

function identityOf(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev}:${found.ino}`;
}
