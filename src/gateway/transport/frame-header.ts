import { Opcode } from './websocket-frame.js';

const FIN = 0x80;
const MASKED = 0x80;
const OPCODE = 0x0f;
const MASK_BYTES = 4;
/** No header of a frame is longer. */
export const MAX_HEADER_BYTES = 14;

/** What the beginning of a frame says of its extent (RFC 6455, section 5.2). */
export interface FrameHeader {
  /** Bytes of the whole frame. */
  readonly size: number;
  readonly isControl: boolean;
  readonly isFinal: boolean;
}

/**
 * The header of the frame that begins at `at`; null when it has not arrived completely. Judges nothing:
 * of a frame that breaks the protocol it says where it would end.
 */
export function readFrameHeader(bytes: Buffer, at: number): FrameHeader | null {
  const available = bytes.length - at;
  if (available < 2) return null;
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  const length = second & 0x7f;
  const header =
    2 + (length < 126 ? 0 : length === 126 ? 2 : 8) + ((second & MASKED) === 0 ? 0 : MASK_BYTES);
  if (available < header) return null;
  return {
    size: header + payloadBytes(bytes, at + 2, length),
    isControl: (first & OPCODE) >= Opcode.close,
    isFinal: (first & FIN) !== 0,
  };
}

function payloadBytes(bytes: Buffer, at: number, length: number): number {
  if (length < 126) return length;
  return length === 126 ? bytes.readUInt16BE(at) : Number(bytes.readBigUInt64BE(at));
}
