import { isUtf8 } from 'node:buffer';
import { Opcode } from './websocket-frame.js';

/**
 * Who is told what a client sent: one call for each message and control frame. After a close or a
 * violation nothing more is read.
 */
export interface FrameTarget {
  /** A message's text, and whether its bytes were valid UTF-8. */
  onMessage(text: string, encoding: TextEncoding): void;
  onPing(payload: Buffer): void;
  onPong(): void;
  /** @param code - null when the client gave none */
  onClose(code: number | null): void;
  /** The client broke the protocol: the connection is to be closed with this code. */
  onViolation(code: number, reason: string): void;
  /** Most payload bytes a message may have right now, whole or in fragments. */
  maxPayload(): number;
}

export type TextEncoding = 'utf8' | 'invalid';

const FIN = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
const OPCODE = 0x0f;
const MASK_BYTES = 4;
const MAX_CONTROL_PAYLOAD = 125;
const PROTOCOL_ERROR = 1_002;
const INVALID_TEXT = 1_007;
const TOO_BIG = 1_009;
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

/**
 * Cuts the bytes of a client into WebSocket frames (RFC 6455, section 5) and puts fragments together.
 *
 * Why not leave it to ws: its receiver is a stream that makes several views and emits several events
 * a message, a fifth of the whole cost of a call.
 */
export class FrameReader {
  /** Bytes of a frame that has not arrived completely. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** How many bytes have to be there before it is worth looking again. */
  #wanted = 0;
  /** What there is of a message that comes in fragments; null when none is under way. */
  #fragments: Fragments | null = null;
  #isStopped = false;
  #isPaused = false;

  constructor(private readonly target: FrameTarget) {}

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
        this.#refuse(TOO_BIG, 'Message too big');
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
    const isControl = ((bytes[at] ?? 0) & OPCODE) >= Opcode.close;
    return isControl ? payload : payload + (this.#fragments?.bytes ?? 0);
  }

  #handle(chunk: Chunk, at: number, { size, payload }: Header): void {
    const first = chunk.bytes[at] ?? 0;
    const isMasked = ((chunk.bytes[at + 1] ?? 0) & MASKED) !== 0;
    const fault = isMasked ? this.#faultOf(first, payload) : 'A client masks its frames';
    if (fault !== null) {
      this.#refuse(PROTOCOL_ERROR, fault);
      return;
    }
    const start = at + size;
    const end = start + payload;
    unmask(chunk.words, start, end);
    const opcode = first & OPCODE;
    const isLast = (first & FIN) !== 0;
    if (opcode >= Opcode.close) this.#control(opcode, chunk.bytes.subarray(start, end));
    else if (isLast && this.#fragments === null) this.#deliver(chunk.bytes, start, end);
    else this.#continue(chunk.bytes.subarray(start, end), isLast);
  }

  /** What of the protocol a masked frame breaks; null when it is as it should be. */
  #faultOf(first: number, payload: number): string | null {
    const opcode = first & OPCODE;
    if ((first & RESERVED) !== 0) return 'A reserved bit is set';
    if (opcode >= Opcode.close) {
      if (opcode > Opcode.pong) return `There is no opcode ${opcode}`;
      if ((first & FIN) === 0) return 'A control frame has no fragments';
      return payload > MAX_CONTROL_PAYLOAD ? 'A control frame is too long' : null;
    }
    if (opcode > Opcode.binary) return `There is no opcode ${opcode}`;
    if (opcode === Opcode.continuation)
      return this.#fragments === null ? 'Nothing to continue' : null;
    return this.#fragments === null ? null : 'The message before is not complete';
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.ping) this.target.onPing(payload);
    else if (opcode === Opcode.pong) this.target.onPong();
    else this.#close(payload);
  }

  #close(payload: Buffer): void {
    const code = payload.length < 2 ? null : payload.readUInt16BE(0);
    if (payload.length === 1 || (code !== null && !isCloseCode(code))) {
      this.#refuse(PROTOCOL_ERROR, 'Not a close code');
    } else if (!isUtf8(payload.subarray(2))) {
      this.#refuse(INVALID_TEXT, 'The reason of a close is text');
    } else {
      this.stop();
      this.target.onClose(code);
    }
  }

  #continue(payload: Buffer, isLast: boolean): void {
    this.#fragments ??= new Fragments();
    this.#fragments.add(payload);
    if (!isLast) return;
    const message = this.#fragments.joined;
    this.#fragments = null;
    this.#deliver(message, 0, message.length);
  }

  #deliver(bytes: Buffer, start: number, end: number): void {
    const text = bytes.toString('utf8', start, end);
    // Decoding puts U+FFFD in place of what is not UTF-8, but the text may hold one of its own.
    const isSuspect = text.includes(REPLACEMENT);
    const isInvalid = isSuspect && !isUtf8(bytes.subarray(start, end));
    this.target.onMessage(text, isInvalid ? 'invalid' : 'utf8');
  }

  #refuse(code: number, reason: string): void {
    this.stop();
    this.target.onViolation(code, reason);
  }
}

/**
 * A message in the making. Copied together as it comes: a fragment may be one byte, and a list of as
 * many fragments as a message has bytes would be a hundred times the message.
 */
class Fragments {
  #buffer = Buffer.allocUnsafe(1_024);
  bytes = 0;

  get joined(): Buffer {
    return this.#buffer.subarray(0, this.bytes);
  }

  add(fragment: Buffer): void {
    const needed = this.bytes + fragment.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
      this.joined.copy(larger);
      this.#buffer = larger;
    }
    fragment.copy(this.#buffer, this.bytes);
    this.bytes = needed;
  }
}

/** Those that may be sent (RFC 6455, section 7.4, and the registry it set up). */
function isCloseCode(code: number): boolean {
  if (code >= 3_000) return code <= 4_999;
  return code >= 1_000 && code <= 1_014 && code !== 1_004 && code !== 1_005 && code !== 1_006;
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
