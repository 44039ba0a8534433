import { describe, expect, it } from 'vitest';
import { clientFrame, FrameReader, Opcode } from './wire.js';

/** An unmasked frame, as a server sends it. */
function serverFrame(payload: string): Buffer {
  const body = Buffer.from(payload);
  if (body.length < 126) return Buffer.concat([Buffer.from([0x81, body.length]), body]);
  if (body.length <= 0xffff) {
    return Buffer.concat([Buffer.from([0x81, 126, body.length >> 8, body.length & 0xff]), body]);
  }
  const header = Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 6);
  return Buffer.concat([header, body]);
}

function readInChunks(bytes: Buffer, size: number): readonly string[] {
  const messages: string[] = [];
  const reader = new FrameReader((opcode, buffer, start, end) => {
    expect(opcode).toBe(Opcode.text);
    messages.push(buffer.toString('utf8', start, end));
  });
  const lent = Buffer.alloc(size); // reused for every chunk, as the socket's read buffer is
  for (let offset = 0; offset < bytes.length; offset += size) {
    const length = bytes.copy(lent, 0, offset, offset + size);
    reader.push(lent.subarray(0, length));
  }
  return messages;
}

describe('FrameReader', () => {
  const messages = ['', 'a', 'x'.repeat(125), 'y'.repeat(126), 'z'.repeat(70_000), 'end'];
  const bytes = Buffer.concat(messages.map(serverFrame));

  it.each([1, 2, 7, 1000, bytes.length])(
    'reads frames of every length whole from chunks of %i bytes',
    (size) => {
      expect(readInChunks(bytes, size)).toEqual(messages);
    },
  );

  it('refuses a fragmented message instead of counting its pieces', () => {
    const reader = new FrameReader(() => undefined);
    expect(() => reader.push(Buffer.from([0x01, 1, 0x61]))).toThrow(/fragmented/);
  });
});

describe('clientFrame', () => {
  it.each([0, 5, 125, 126, 4000])(
    'masks a payload of %i bytes so that unmasking restores it',
    (n) => {
      const payload = Buffer.alloc(n, 'payload');
      const frame = clientFrame(payload);
      const keyStart = n < 126 ? 2 : 4;
      const key = frame.subarray(keyStart, keyStart + 4);
      const body = frame.subarray(keyStart + 4).map((byte, i) => byte ^ (key[i & 3] ?? 0));
      expect(frame[0]).toBe(0x81);
      expect((frame[1] ?? 0) & 0x80).toBe(0x80);
      expect(key.some((byte) => byte !== 0)).toBe(true);
      expect(Buffer.from(body)).toEqual(payload);
    },
  );
});
