import { stringifyExtended } from '../common/index.js';
import type { DispatcherEvent } from '../sdk/index.js';
import { isWrittenAsItIs, measuredCopy } from './measured-copy.js';
import type { Audience } from './publisher-queues.js';

/**
 * What stays of an event: no object of its publisher's. Most events reach nobody and are never asked
 * for again, and to write their text would be most of what they cost: of those whose size can be told
 * without it, a copy is kept until somebody wants the text.
 */
export class JournalEntry {
  /** Its own from here on; null once the text is there. */
  #args: DispatcherEvent['args'] | null = null;
  #json: string | null = null;

  readonly name: string;
  readonly audience: Audience | null;
  /** Of its text in UTF-8. */
  readonly bytes: number;

  /** @throws RangeError or TypeError when the args have no JSON form */
  constructor(
    { name, args, audience = null }: DispatcherEvent & { readonly audience?: Audience | null },
    private readonly epoch: string,
    private readonly sequence: number,
    private readonly cause: string | null,
  ) {
    this.name = name;
    this.audience = audience;
    const measured = isWrittenAsItIs(name) ? measuredCopy(args) : null;
    if (measured === null) {
      this.#json = textOf({ name, args }, this.#cursor, cause);
      this.bytes = Buffer.byteLength(this.#json);
    } else {
      this.#args = measured.value;
      this.bytes = bytesAround(name, this.#cursor, cause) + measured.bytes;
    }
  }

  get json(): string {
    if (this.#json === null) {
      const { name, cause } = this;
      this.#json = textOf({ name, args: this.#args ?? {} }, this.#cursor, cause);
      this.#args = null;
    }
    return this.#json;
  }

  /** Not kept: ten thousand texts that nobody asks for would show in every garbage collection. */
  get #cursor(): string {
    return cursorOf(this.epoch, this.sequence);
  }
}

/** How clients name a place in the order of events. */
export function cursorOf(epoch: string, sequence: number): string {
  return `${epoch}:${sequence}`;
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
