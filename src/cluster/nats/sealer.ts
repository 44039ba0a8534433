/** Keeps passwords from whoever reads along: every node of the cluster has the same key. */
export interface Sealer {
  /** The sealed value; null when there is no password in it, and it may travel as it is. */
  seal(value: unknown): string | null;
  /** @throws Error when it was sealed with another key or was changed since */
  unseal(sealed: string): unknown;
}
