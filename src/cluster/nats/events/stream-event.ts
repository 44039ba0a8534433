import { decodeExtended } from '../../../common/index.js';
import type { DispatcherEvent } from '../../../sdk/index.js';
import type { Audience, PublishedEvent } from '../../event-fanout.js';
import type { Remembered } from '../../journal/event-journal.js';
import { frameText } from '../../journal/journal-entry.js';
import type { EventHead } from './event-group.js';

/** About what there is around the text of the args. */
const ENVELOPE_SIZE = 96;

/** An event that has travelled: its args are text until somebody wants them. */
export class StreamEvent implements PublishedEvent, Remembered {
  readonly name: string;
  readonly audience: Audience | null;
  readonly cause: string | null;
  readonly size: number;
  #json: string | null = null;

  /** @param node - the one that published it, for the others; null at that node itself */
  constructor(
    { name, audience, cause }: EventHead,
    private readonly text: string,
    private readonly place: { readonly cursor: string; readonly node: string | null },
  ) {
    this.name = name;
    this.audience = audience ?? null;
    this.cause = cause ?? null;
    this.size = ENVELOPE_SIZE + name.length + text.length;
  }

  /** Each time anew: whoever is given it may change it. */
  get args(): DispatcherEvent['args'] {
    return decodeExtended(JSON.parse(this.text)) as DispatcherEvent['args'];
  }

  get json(): string {
    const { name, text, cause, place } = this;
    return (this.#json ??= frameText({ name, args: text, cause, ...place }));
  }
}
