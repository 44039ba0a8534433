import { stringifyExtended } from '../../common/index.js';
import type { DispatcherEvent } from '../../sdk/index.js';
import type { Audience, UnplacedEvent } from '../event-fanout.js';
import type { Remembered } from './event-journal.js';
import { plainCopy } from './plain-copy.js';

/** About what there is around the args. */
const ENVELOPE_SIZE = 64;

/**
 * What stays of an event: no object of its publisher's. Most events reach nobody and are never asked
 * for again, and to write their text would be most of what they cost: of those that are plain, a copy is
 * kept until somebody wants the text.
 */
export class JournalEntry implements Remembered {
  /** Its own from here on; null once the text is there. */
  #args: DispatcherEvent['args'] | null = null;
  #json: string | null = null;

  readonly name: string;
  readonly audience: Audience | null;
  readonly size: number;

  /** @throws RangeError or TypeError when the args have no JSON form */
  constructor(
    { name, args, audience = null }: UnplacedEvent,
    private readonly epoch: string,
    private readonly sequence: number,
    readonly cause: string | null,
  ) {
    this.name = name;
    this.audience = audience;
    const copy = plainCopy(args);
    if (copy === null) {
      this.#json = textOf({ name, args }, this.#cursor, cause);
      this.size = this.#json.length;
    } else {
      this.#args = copy.value;
      this.size = ENVELOPE_SIZE + name.length + copy.size;
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
export function cursorOf(epoch: string, sequence: number | string): string {
  return `${epoch}:${sequence}`;
}

/** An event as clients see it. */
export function textOf(
  { name, args }: DispatcherEvent,
  cursor: string,
  cause: string | null,
): string {
  return frameText({ name, args: stringifyExtended(args), cursor, cause, node: null });
}

interface FrameParts {
  readonly name: string;
  /** Extended JSON. */
  readonly args: string;
  readonly cursor: string;
  readonly cause: string | null;
  /** Where it comes from; null: from this node. */
  readonly node: string | null;
}

/** An event as clients see it, whose args are text already. */
export function frameText({ name, args, cursor, cause, node }: FrameParts): string {
  const because = cause === null ? '' : `,"cause":"${cause}"`;
  const from = node === null ? '' : `,"node":"${node}"`;
  return `{"name":${JSON.stringify(name)},"args":${args},"cursor":"${cursor}"${because}${from}}`;
}
