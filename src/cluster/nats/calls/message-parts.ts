import { MAX_MESSAGE_BYTES } from './call-message.js';

/**
 * A message that is larger than the NATS server takes at once is sent in parts, one after the other:
 *
 *     {"k":…}                          a whole message
 *     #<id>\n<bytes>                   a part that more follow
 *     $<id>\n<bytes>                   the last part
 */
const MORE = 0x23;
const LAST = 0x24;
const NEWLINE = 0x0a;
/** The mark, an id and the end of the line. */
const MARGIN_BYTES = 64;

/** The payloads of a message, each with at most `maxBytes`. */
export function* cutMessage(text: string, maxBytes: number, id: string): Generator<Uint8Array> {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) {
    yield bytes;
    return;
  }
  const size = maxBytes - MARGIN_BYTES;
  for (let at = 0; at < bytes.length; at += size) {
    const mark = at + size < bytes.length ? MORE : LAST;
    yield Buffer.concat([
      Buffer.from(`${String.fromCharCode(mark)}${id}\n`),
      bytes.subarray(at, at + size),
    ]);
  }
}

interface Begun {
  readonly parts: Uint8Array[];
  bytes: number;
}

/** Puts together what {@link cutMessage} cut, for each node that sends. */
export class PartJoiner {
  readonly #begun = new Map<string, Begun>();

  /** The text of a message that is whole now; null when more is to come, or it is none. */
  add(from: string, payload: Uint8Array): string | null {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    if (bytes[0] !== MORE && bytes[0] !== LAST) return bytes.toString();
    const end = bytes.indexOf(NEWLINE);
    if (end < 0) return null;
    const key = `${from} ${bytes.toString('latin1', 1, end)}`;
    const begun = this.#begun.get(key) ?? { parts: [], bytes: 0 };
    begun.bytes += bytes.length - end - 1;
    if (begun.bytes <= MAX_MESSAGE_BYTES) begun.parts.push(bytes.subarray(end + 1));
    if (bytes[0] === MORE) {
      this.#begun.set(key, begun);
      return null;
    }
    this.#begun.delete(key);
    return begun.bytes <= MAX_MESSAGE_BYTES ? Buffer.concat(begun.parts).toString() : null;
  }

  /** What a node had begun will have no end. */
  forget(from: string): void {
    for (const key of this.#begun.keys()) if (key.startsWith(`${from} `)) this.#begun.delete(key);
  }

  clear(): void {
    this.#begun.clear();
  }
}
