import { stringifyExtended } from '../common/index.js';
import type { DispatcherEvent } from '../sdk/index.js';
import { isWrittenAsItIs, measuredCopy } from './measured-copy.js';

/**
 * What stays of an event: no object of its publisher's. Most events reach nobody and are never asked
 * for again, and to write their text would be most of what they cost: of those whose size can be told
 * without it, a copy is kept until somebody wants the text.
 */
export class JournalEntry {
  /** Its own from here on; null once the text is there. */
  #args: DispatcherEvent['args'] | null = null;
  #json: string | null = null;

  private constructor(
    readonly name: string,
    private readonly cursor: string,
    private readonly cause: string | null,
    /** Of its text in UTF-8. */
    readonly bytes: number,
  ) {}

  /** @throws RangeError or TypeError when the args have no JSON form */
  static of(event: DispatcherEvent, cursor: string, cause: string | null): JournalEntry {
    const { name } = event;
    const measured = isWrittenAsItIs(name) ? measuredCopy(event.args) : null;
    const json = measured === null ? textOf(event, cursor, cause) : null;
    const bytes =
      measured === null
        ? Buffer.byteLength(json ?? '')
        : bytesAround(name, cursor, cause) + measured.bytes;
    const entry = new JournalEntry(name, cursor, cause, bytes);
    entry.#args = measured?.value ?? null;
    entry.#json = json;
    return entry;
  }

  get json(): string {
    if (this.#json === null) {
      const { name, cursor, cause } = this;
      this.#json = textOf({ name, args: this.#args ?? {} }, cursor, cause);
      this.#args = null;
    }
    return this.#json;
  }
}

/** An event as clients see it. */
export function textOf(
  { name, args }: DispatcherEvent,
  cursor: string,
  cause: string | null,
): string {
  const because = cause === null ? '' : `,"cause":"${cause}"`;
  return `{"name":${JSON.stringify(name)},"args":${stringifyExtended(args)},"cursor":"${cursor}"${because}}`;
}

const EMPTY_TEXT = textOf({ name: '', args: {} }, '', null).length - '{}'.length;
const EMPTY_CAUSE = ',"cause":""'.length;

/** Of the text but for the args, when nothing in the name is written in another way than it is. */
function bytesAround(name: string, cursor: string, cause: string | null): number {
  const because = cause === null ? 0 : EMPTY_CAUSE + cause.length;
  return EMPTY_TEXT + name.length + cursor.length + because;
}
