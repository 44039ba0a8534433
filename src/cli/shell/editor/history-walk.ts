/** What was typed before, the oldest first. */
export interface PastLines {
  readonly lines: readonly string[];
}

/** A way through what was typed before; what is typed now waits at its end. */
export class HistoryWalk {
  #at: number;
  #draft = '';

  constructor(private readonly past: PastLines) {
    this.#at = past.lines.length;
  }

  /** The line before; null where there is none. */
  previous(present: string): string | null {
    const { lines } = this.past;
    const isAtDraft = this.#at >= lines.length;
    let at = Math.min(this.#at, lines.length) - 1;
    if (isAtDraft) {
      this.#draft = present;
      if (lines[at] === present) at -= 1; // no step that shows the same
    }
    const line = lines[at];
    if (line === undefined) return null;
    this.#at = at;
    return line;
  }

  /** The line after, at last what was being typed; null where there is none. */
  next(): string | null {
    const { lines } = this.past;
    if (this.#at >= lines.length) return null;
    this.#at += 1;
    return lines[this.#at] ?? this.#draft;
  }
}

/** What the newest line that begins with this goes on with; empty when none does. */
export function suggestionFor(text: string, { lines }: PastLines): string {
  if (text.trim() === '') return '';
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const line = lines[at] ?? '';
    if (line.length > text.length && line.startsWith(text)) return line.slice(text.length);
  }
  return '';
}
