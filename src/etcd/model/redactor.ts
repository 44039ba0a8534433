/** Shorter ones would be found in half of all words. */
const SHORTEST = 4;
const REDACTED = '<hidden>';

/**
 * Knows the secrets that were revealed to renderers, and takes them out of every text that leaves the
 * process by another way than the file: log lines, events, errors, what programs print.
 */
export class Redactor {
  /** The longest first: one may lie in another. */
  #secrets: readonly string[] = [];

  /** Secrets of fewer than four characters are not looked for. */
  add(secret: string): void {
    if (secret.length < SHORTEST || this.#secrets.includes(secret)) return;
    this.#secrets = [...this.#secrets, secret].sort((a, b) => b.length - a.length);
  }

  redact(text: string): string {
    return this.#secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
  }
}
