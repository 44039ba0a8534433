/**
 * Server-to-client WebSocket frames (RFC 6455, section 5.2: unmasked, unfragmented), built by hand so
 * that the frames of one tick leave the process in a single write and so that an event is built once
 * for all its subscribers.
 */
const FIN = 0x80;
/** RFC 6455, section 11.8. From `close` on they are of control frames. */
export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MAX_HEADER = 10;
const SCRATCH_BYTES = 64 * 1024;
const UTF8_WORST_CASE = 3;

function headerSize(bytes: number): number {
  if (bytes < LENGTH_16) return 2;
  return bytes <= 0xffff ? 4 : MAX_HEADER;
}

function writeHeader(target: Buffer, offset: number, bytes: number): void {
  target[offset] = FIN | Opcode.text;
  if (bytes < LENGTH_16) {
    target[offset + 1] = bytes;
  } else if (bytes <= 0xffff) {
    target[offset + 1] = LENGTH_16;
    target.writeUInt16BE(bytes, offset + 2);
  } else {
    target[offset + 1] = LENGTH_64;
    target.writeBigUInt64BE(BigInt(bytes), offset + 2);
  }
}

/** A complete frame in a buffer of its own. */
export function textFrame(text: string): Buffer {
  const bytes = Buffer.byteLength(text);
  const header = headerSize(bytes);
  const frame = Buffer.allocUnsafe(header + bytes);
  writeHeader(frame, 0, bytes);
  frame.write(text, header);
  return frame;
}

const scratch = Buffer.allocUnsafe(SCRATCH_BYTES);

/**
 * Joins texts and ready frames into as few buffers as possible. Small ones are put together in one
 * scratch area that is copied out when full: a copy is far cheaper than a write of its own.
 */
export function joinFrames(items: readonly (string | Buffer)[]): Buffer[] {
  const buffers: Buffer[] = [];
  let used = 0;
  const spill = (): void => {
    if (used > 0) buffers.push(Buffer.from(scratch.subarray(0, used)));
    used = 0;
  };
  for (const item of items) {
    const worst =
      typeof item === 'string' ? item.length * UTF8_WORST_CASE + MAX_HEADER : item.length;
    if (worst > SCRATCH_BYTES - used) spill();
    if (worst > SCRATCH_BYTES) buffers.push(typeof item === 'string' ? textFrame(item) : item);
    else used += typeof item === 'string' ? writeText(item, used) : item.copy(scratch, used);
  }
  spill();
  return buffers;
}

/** Writes a frame into the scratch area and returns its size. */
function writeText(text: string, offset: number): number {
  // The header's size depends on the byte count, which only the writing tells: guess it from the
  // character count (right for ASCII), and move the payload in the rare case of a wrong guess.
  const guess = headerSize(text.length);
  const bytes = scratch.write(text, offset + guess);
  const header = headerSize(bytes);
  if (header !== guess) scratch.copyWithin(offset + header, offset + guess, offset + guess + bytes);
  writeHeader(scratch, offset, bytes);
  return header + bytes;
}
