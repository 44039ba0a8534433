import { isUtf8 } from 'node:buffer';

/**
 * Cuts the bytes of a client into WebSocket frames (RFC 6455, section 5.2) and reads the common kind
 * itself: a whole text or binary message in one masked frame. Every other frame, control frames,
 * fragments and all that breaks the protocol, goes complete and untouched to the ws library, which
 * stays in charge of the protocol.
 *
 * Why not leave all to ws: its receiver is a stream that makes several views and emits several
 * events a message, a fifth of the whole cost of a call.
 */
export interface SplitterTarget {
  /** A message's text, and whether its bytes were valid UTF-8. */
  onMessage(text: string, encoding: TextEncoding): void;
  /** A complete frame for ws. */
  onOther(frame: Buffer): void;
  /** A message, whole or in fragments, that is larger than {@link maxPayload}: nothing after it is read. */
  onTooBig(): void;
  /** Most payload bytes a message may have right now. */
  maxPayload(): number;
}

export type TextEncoding = 'utf8' | 'invalid';

const FIN = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
const OPCODE = 0x0f;
const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const MASK_BYTES = 4;
const REPLACEMENT = '\ufffd';

interface Header {
  readonly size: number;
  readonly payload: number;
}

/** Bytes that arrived together; `words` is another view of the very same. */
interface Chunk {
  readonly bytes: Buffer;
  readonly words: DataView;
}

export class FrameSplitter {
  /** Bytes of a frame that has not arrived completely. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** How many bytes have to be there before it is worth looking again. */
  #wanted = 0;
  /** Payload of the fragments so far of a message in fragments; null when none is under way. */
  #fragments: number | null = null;
  #isStopped = false;
  #isPaused = false;

  constructor(private readonly target: SplitterTarget) {}

  push(chunk: Buffer): void {
    if (this.#isStopped) return;
    if (this.#pendingBytes === 0 && !this.#isPaused) {
      this.#keep(chunk, this.#consume(chunk));
      return;
    }
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes >= this.#wanted && !this.#isPaused) this.#consumePending();
  }

  /** Delivers nothing more, in the middle of a chunk if need be, until {@link resume}. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#pendingBytes > 0) this.#consumePending();
  }

  /** Reads nothing any more: the connection is over, whatever may still arrive. */
  stop(): void {
    this.#isStopped = true;
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #consumePending(): void {
    const all = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#keep(all, this.#consume(all));
  }

  #keep(bytes: Buffer, consumed: number): void {
    if (this.#isStopped || consumed === bytes.length) return;
    this.#pending.push(consumed === 0 ? bytes : bytes.subarray(consumed));
    this.#pendingBytes += bytes.length - consumed;
  }

  /** Handles every complete frame and returns where the first incomplete one begins. */
  #consume(bytes: Buffer): number {
    const chunk = { bytes, words: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
    let at = 0;
    while (at < bytes.length && !this.#isStopped && !this.#isPaused) {
      this.#wanted = 0;
      const header = readHeader(bytes, at);
      if (header === null) {
        this.#wanted = bytes.length - at + 1;
        return at;
      }
      if (this.#messageBytes(bytes, at, header) > this.target.maxPayload()) {
        this.stop();
        this.target.onTooBig();
        return bytes.length;
      }
      const size = header.size + header.payload;
      if (at + size > bytes.length) {
        this.#wanted = size;
        return at;
      }
      this.#handle(chunk, at, header);
      at += size;
    }
    return at;
  }

  /** What the message of this frame comes to so far; a control frame between fragments adds nothing. */
  #messageBytes(bytes: Buffer, at: number, { payload }: Header): number {
    const isControl = ((bytes[at] ?? 0) & OPCODE) >= CLOSE;
    return isControl ? payload : payload + (this.#fragments ?? 0);
  }

  #handle(chunk: Chunk, at: number, { size, payload }: Header): void {
    const { bytes } = chunk;
    const first = bytes[at] ?? 0;
    const opcode = first & OPCODE;
    const isWhole = (first & (FIN | RESERVED)) === FIN && this.#fragments === null;
    const isMasked = ((bytes[at + 1] ?? 0) & MASKED) !== 0;
    if (isWhole && isMasked && (opcode === TEXT || opcode === BINARY)) {
      this.#deliver(chunk, at + size, payload);
      return;
    }
    if (opcode === TEXT || opcode === BINARY || opcode === CONTINUATION) {
      const isLast = (first & FIN) !== 0;
      this.#fragments = isLast ? null : (this.#fragments ?? 0) + payload;
    }
    this.target.onOther(bytes.subarray(at, at + size + payload));
    if (opcode === CLOSE) this.stop();
  }

  #deliver({ bytes, words }: Chunk, start: number, payload: number): void {
    const end = start + payload;
    unmask(words, start, end);
    const text = bytes.toString('utf8', start, end);
    // Decoding puts U+FFFD in place of what is not UTF-8, but the text may hold one of its own.
    const isSuspect = text.includes(REPLACEMENT);
    const isInvalid = isSuspect && !isUtf8(bytes.subarray(start, end));
    this.target.onMessage(text, isInvalid ? 'invalid' : 'utf8');
  }
}

/** The sizes of the frame that begins at `at`; null when its header has not arrived completely. */
function readHeader(bytes: Buffer, at: number): Header | null {
  const available = bytes.length - at;
  if (available < 2) return null;
  const second = bytes[at + 1] ?? 0;
  const mask = (second & MASKED) === 0 ? 0 : MASK_BYTES;
  const length = second & 0x7f;
  if (length < 126) return available < 2 + mask ? null : { size: 2 + mask, payload: length };
  const size = (length === 126 ? 4 : 10) + mask;
  if (available < size) return null;
  const payload =
    length === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
  return { size, payload };
}

/** Applies the key, the four bytes before the payload, to the payload in place: by words, five times as fast as by bytes. */
function unmask(words: DataView, start: number, end: number): void {
  const keyAt = start - MASK_BYTES;
  const key = words.getUint32(keyAt);
  let at = start;
  for (; at + MASK_BYTES <= end; at += MASK_BYTES) words.setUint32(at, words.getUint32(at) ^ key);
  for (let i = 0; at + i < end; i += 1) {
    words.setUint8(at + i, words.getUint8(at + i) ^ words.getUint8(keyAt + i));
  }
}
