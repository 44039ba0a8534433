import type { Key } from 'node:readline';

/** A paste whose end does not come in this time has ended: somebody would type into nothing. */
const PATIENCE_MS = 1_000;

/** Collects what is pasted, from the mark that a terminal puts before it to the one behind. */
export class PasteReader {
  #parts: string[] | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly onPaste: (text: string) => void) {}

  /** @returns whether the key was part of a paste */
  take(text: string | undefined, key: Key): boolean {
    if (key.name === 'paste-start') {
      this.#parts ??= [];
      this.#wait();
      return true;
    }
    if (this.#parts === null) return false;
    if (key.name === 'paste-end') this.#end();
    else {
      this.#parts.push(text ?? key.sequence ?? '');
      this.#wait();
    }
    return true;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#parts = null;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(), PATIENCE_MS);
  }

  #end(): void {
    const text = (this.#parts ?? []).join('').replaceAll(/\r\n?/g, '\n');
    this.stop();
    if (text !== '') this.onPaste(text);
  }
}
