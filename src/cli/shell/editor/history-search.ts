import { shorten } from '../../output/shorten.js';
import type { PastLines } from './history-walk.js';
import type { View } from './layout.js';

const MAX_SHOWN = 40;

/** A search backwards through what was typed before, letter by letter. */
export class HistorySearch {
  #query = '';
  #at: number;
  #found = '';
  #isLost = false;

  constructor(private readonly past: PastLines) {
    this.#at = past.lines.length;
  }

  get query(): string {
    return this.#query;
  }

  get found(): string {
    return this.#found;
  }

  /** Nothing has the letters in it; the last that was found stays. */
  get isLost(): boolean {
    return this.#isLost;
  }

  extend(text: string): void {
    this.#query += text;
    this.#look(Math.min(this.#at, this.past.lines.length - 1));
  }

  shorten(): void {
    this.#query = Array.from(this.#query).slice(0, -1).join('');
    this.#look(this.past.lines.length - 1);
  }

  older(): void {
    this.#look(this.#at - 1);
  }

  #look(from: number): void {
    this.#isLost = false;
    if (this.#query === '') return;
    for (let at = from; at >= 0; at -= 1) {
      const line = this.past.lines[at] ?? '';
      if (!line.includes(this.#query) || (at !== from && line === this.#found)) continue;
      this.#at = at;
      this.#found = line;
      return;
    }
    this.#isLost = true;
  }
}

/** What is shown while somebody searches. */
export function searchView({
  query,
  found,
  isLost,
}: HistorySearch): Pick<View, 'prompt' | 'text' | 'cursor'> {
  const title = `(${isLost ? 'not found' : 'search'}) ${shorten(query, MAX_SHOWN)}: `;
  const at = found.indexOf(query);
  return {
    prompt: [{ text: title, style: isLost ? 'warning' : 'faint' }],
    text: found,
    cursor: at === -1 ? found.length : at,
  };
}
