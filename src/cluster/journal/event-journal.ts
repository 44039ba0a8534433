import type { Audience, JournalLimits, Wanting } from '../event-fanout.js';

/** What a journal keeps of an event. */
export interface Remembered {
  readonly name: string;
  readonly audience: Audience | null;
  readonly cause: string | null;
  /** About how many bytes it takes. */
  readonly size: number;
  /** Its text, as clients see it. */
  readonly json: string;
}

/**
 * Counts events and remembers the latest of them, so that a client that comes back can be told what it
 * missed. Entry n lies at n modulo the capacity: adding, dropping and finding one costs the same however
 * many there are.
 */
export class EventJournal {
  readonly #entries: (Remembered | undefined)[] = [];
  #first = 1;
  #last = 0;
  #size = 0;

  constructor(private readonly limits: JournalLimits) {}

  /** The number of the latest event; the first one's is 1. */
  get last(): number {
    return this.#last;
  }

  /** The number of the oldest event that is still here, or of the next one. */
  get first(): number {
    return this.#first;
  }

  /** Whether all events since the first are still here. */
  get isComplete(): boolean {
    return this.#first === 1;
  }

  add(entry: Remembered): void {
    this.#last += 1;
    if (this.#last - this.#first >= this.limits.events) this.#dropFirst();
    this.#entries[this.#last % this.limits.events] = entry;
    this.#size += entry.size;
    while (this.#size > this.limits.bytes) this.#dropFirst();
  }

  /** The texts of the wanted events behind a number; null when some of them are no longer here. */
  after(position: number, wants: Wanting): readonly string[] | null {
    if (position + 1 < this.#first) return null;
    const events: string[] = [];
    for (let number = position + 1; number <= this.#last; number += 1) {
      const entry = this.#entries[number % this.limits.events];
      if (entry !== undefined && wants(entry.name, entry.audience)) events.push(entry.json);
    }
    return events;
  }

  /** The texts of the remembered events that were published because of one thing, in order. */
  because(cause: string, wants: Wanting): readonly string[] {
    const events: string[] = [];
    for (let number = this.#first; number <= this.#last; number += 1) {
      const entry = this.#entries[number % this.limits.events];
      if (entry?.cause === cause && wants(entry.name, entry.audience)) events.push(entry.json);
    }
    return events;
  }

  #dropFirst(): void {
    const slot = this.#first % this.limits.events;
    this.#size -= this.#entries[slot]?.size ?? 0;
    this.#entries[slot] = undefined;
    this.#first += 1;
  }
}
