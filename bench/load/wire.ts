/**
 * The few bytes of RFC 6455 the load generator needs. A client library would spend more CPU per message than the
 * servers under test, and on a small machine the client's share is what limits the throughput seen.
 */
const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]); // not zero: servers skip the unmasking of a zero key

export const Opcode = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** One final, masked frame, as a client has to send it. */
export function clientFrame(payload: Buffer, opcode: number = Opcode.text): Buffer {
  const { length } = payload;
  if (length > 0xffff) throw new Error(`${length} bytes are too many for a frame`);
  const start = (length < 126 ? 2 : 4) + MASK.length;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | Math.min(length, 126);
  if (length >= 126) frame.writeUInt16BE(length, 2);
  frame.set(MASK, start - MASK.length);
  // a callback for each byte would take longer than all else that a client does for a call
  for (let i = 0; i < length; i += 1) frame[start + i] = (payload[i] ?? 0) ^ (MASK[i & 3] ?? 0);
  return frame;
}

/** Takes each whole frame: its opcode and where its payload lies in a buffer that is only lent. */
export type FrameSink = (opcode: number, buffer: Buffer, start: number, end: number) => void;

const EMPTY = Buffer.alloc(0);

/** Cuts what a server sent into frames, across chunk boundaries. */
export class FrameReader {
  private rest: Buffer = EMPTY;

  constructor(private readonly sink: FrameSink) {}

  /** `chunk` may be reused by the caller afterwards. */
  push(chunk: Buffer): void {
    const buffer = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let offset = 0;
    for (;;) {
      const start = payloadStart(buffer, offset);
      if (start === -1) break;
      const end = start + payloadLength(buffer, offset);
      if (end > buffer.length) break;
      this.sink(opcodeAt(buffer, offset), buffer, start, end);
      offset = end;
    }
    this.rest = offset === buffer.length ? EMPTY : Buffer.from(buffer.subarray(offset));
  }
}

/** Where the payload of the frame at `offset` begins, or -1 if its header is not here yet. */
function payloadStart(buffer: Buffer, offset: number): number {
  if (offset + 2 > buffer.length) return -1;
  const length = (buffer[offset + 1] ?? 0) & 0x7f;
  const start = offset + (length < 126 ? 2 : length === 126 ? 4 : 10);
  return start > buffer.length ? -1 : start;
}

function payloadLength(buffer: Buffer, offset: number): number {
  const length = (buffer[offset + 1] ?? 0) & 0x7f;
  if (length < 126) return length;
  return length === 126
    ? buffer.readUInt16BE(offset + 2)
    : Number(buffer.readBigUInt64BE(offset + 2));
}

function opcodeAt(buffer: Buffer, offset: number): number {
  const first = buffer[offset] ?? 0;
  const opcode = first & 0x0f;
  if ((first & 0x80) === 0 || opcode === 0) {
    throw new Error('The load generator does not read fragmented messages');
  }
  return opcode;
}
