import { type EventForm, FrameBatch, joinFrames, textFrame } from '../transport/index.js';
import { eventBurstFrame, eventFrame } from './frame.codec.js';
import { eventNotification } from './jsonrpc/json-rpc-text.js';

/** No burst is longer (in characters) unless a single event is: clients bound what they take. */
const MAX_BURST = 512 * 1_024;

/**
 * Events on their way to a client, in order, with nothing else between them. Clients that get the
 * same events share one batch, so that their bytes are made once, however many clients and events
 * there are.
 *
 * @example
 * const first = new EventBatch(json); // one per event, given to every subscriber
 * const both = first.with(second); // the same object for everybody who got the first
 */
export class EventBatch extends FrameBatch {
  #lastAdded: EventBatch | null = null;
  #withLastAdded: EventBatch | null = null;
  #plain: readonly Buffer[] | null = null;
  #burst: readonly Buffer[] | null = null;
  #notifications: readonly Buffer[] | null = null;
  #bytes: number | null = null;

  /** @param json - of the latest event, the one behind those of `previous` */
  constructor(
    private readonly json: string,
    private readonly previous: EventBatch | null = null,
    readonly count: number = 1,
  ) {
    super();
  }

  /** One event goes to all of its subscribers before the next, so it is enough to remember one. */
  with(event: EventBatch): EventBatch {
    if (this.#lastAdded !== event || this.#withLastAdded === null) {
      this.#lastAdded = event;
      this.#withLastAdded = new EventBatch(event.json, this, this.count + 1);
    }
    return this.#withLastAdded;
  }

  /** Of the texts of all its events. */
  get bytes(): number {
    this.#bytes ??= Buffer.byteLength(this.json) + (this.previous?.bytes ?? 0);
    return this.#bytes;
  }

  frames(form: EventForm): readonly Buffer[] {
    if (form === 'notification') {
      return (this.#notifications ??= joinFrames(this.#texts().map(eventNotification)));
    }
    if (this.count === 1 || form === 'plain') return (this.#plain ??= this.#plainFrames());
    return (this.#burst ??= this.#burstFrames());
  }

  #plainFrames(): readonly Buffer[] {
    if (this.count === 1) return [textFrame(eventFrame(this.json))];
    return joinFrames(this.#texts().map(eventFrame));
  }

  #burstFrames(): readonly Buffer[] {
    return joinFrames(
      chunks(this.#texts()).map((events) =>
        events.length === 1 ? eventFrame(events[0] ?? '') : eventBurstFrame(events),
      ),
    );
  }

  #texts(): string[] {
    const texts = [this.json];
    for (let at = this.previous; at !== null; at = at.previous) texts.push(at.json);
    return texts.reverse();
  }
}

function chunks(texts: readonly string[]): string[][] {
  const all: string[][] = [];
  let chunk: string[] = [];
  let length = 0;
  for (const text of texts) {
    if (chunk.length === 0 || length + text.length > MAX_BURST) {
      chunk = [];
      length = 0;
      all.push(chunk);
    }
    chunk.push(text);
    length += text.length;
  }
  return all;
}
