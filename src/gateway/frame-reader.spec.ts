import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import { FrameReader } from './frame-reader.js';

// exported by ws, missing from its types
const { Receiver, Sender } = ws as unknown as {
  Receiver: new (options: object) => NodeJS.WritableStream;
  Sender: { frame(data: Buffer, options: object): Buffer[] };
};

const LIMIT = 100_000;

function frame(
  data: Buffer,
  options: { opcode: number; fin: boolean; mask?: boolean; rsv1?: boolean },
): Buffer {
  return Buffer.concat(
    Sender.frame(Buffer.from(data), { mask: true, readOnly: false, rsv1: false, ...options }),
  );
}

/** What ws makes of the bytes. */
async function reference(bytes: readonly Buffer[]): Promise<string[]> {
  const seen: string[] = [];
  const receiver = new Receiver({
    isServer: true,
    maxPayload: LIMIT,
    skipUTF8Validation: true,
    allowSynchronousEvents: true,
  });
  receiver.on('message', (data: Buffer) => seen.push(data.toString()));
  receiver.on('ping', (data: Buffer) => seen.push(`ping ${data.toString()}`));
  receiver.on('pong', () => seen.push('pong'));
  receiver.on('conclude', (code: number) => seen.push(`close ${code}`));
  // a WebSocket of ws reads nothing behind a close
  const isOver = (): boolean => seen.at(-1)?.startsWith('close ') === true;
  receiver.on('error', (error: Error) => seen.push(`broken ${closeCodeOf(error)}`));
  for (const chunk of bytes) {
    receiver.write(Buffer.from(chunk));
    if (isOver()) break;
  }
  await new Promise(setImmediate); // a stream tells of its errors in the next tick
  return seen;
}

/** It lies under a symbol that ws does not export. */
function closeCodeOf(error: Error): string {
  const [key] = Object.getOwnPropertySymbols(error).filter(
    ({ description }) => description === 'status-code',
  );
  return String(key === undefined ? error : Reflect.get(error, key));
}

/** What the reader makes of them. */
function read(bytes: readonly Buffer[]): string[] {
  const seen: string[] = [];
  const reader = new FrameReader({
    onMessage: (text) => seen.push(text),
    onPing: (data) => seen.push(`ping ${data.toString()}`),
    onPong: () => seen.push('pong'),
    onClose: (code) => seen.push(`close ${code ?? 1005}`),
    onViolation: (code) => seen.push(`broken ${code}`),
    maxPayload: () => LIMIT,
  });
  for (const chunk of bytes) reader.push(Buffer.from(chunk));
  return seen;
}

/** What a close frame may and may not hold. */
const CLOSINGS = [
  [],
  [0x03],
  [0x03, 0xe8],
  [0x03, 0xe7],
  [0x03, 0xec],
  [0x03, 0xed],
  [0x03, 0xf6],
  [0x03, 0xf7],
  [0x0b, 0xb8],
  [0x13, 0x87],
  [0x13, 0x88],
  [0x03, 0xe8, 0x6f, 0x6b],
].map((bytes) => Buffer.from(bytes));

/** Two bytes of header and, masked with zeros or not at all, up to 125 bytes of payload. */
function rawFrame(first: number, isMasked: boolean, data: Buffer): Buffer {
  const payload = data.subarray(0, 126);
  const length = payload.length === 126 ? [126, 0, 126] : [payload.length];
  const [second = 0, ...rest] = length;
  const mask = isMasked ? [0, 0, 0, 0] : [];
  return Buffer.concat([
    Buffer.from([first, second | (isMasked ? 0x80 : 0), ...rest, ...mask]),
    payload,
  ]);
}

const payload = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }).map((text) => Buffer.from(text)),
  fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_000).map((size) => Buffer.alloc(size, 0x61)),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
);
const control = fc
  .tuple(fc.constantFrom(9, 10), fc.constantFrom('', 'beat'))
  .map(([opcode, text]) => frame(Buffer.from(text), { opcode, fin: true }));
const whole = fc
  .tuple(fc.constantFrom(1, 2), payload)
  .map(([opcode, data]) => frame(data, { opcode, fin: true }));
/** One message in several frames, with control frames between them. */
const fragmented = fc
  .tuple(
    fc.array(fc.string({ maxLength: 50 }), { minLength: 2, maxLength: 4 }),
    fc.array(control, { maxLength: 2 }),
  )
  .map(([parts, between]) =>
    Buffer.concat(
      parts.flatMap((part, i) => [
        frame(Buffer.from(part), { opcode: i === 0 ? 1 : 0, fin: i === parts.length - 1 }),
        ...(i < parts.length - 1 ? between : []),
      ]),
    ),
  );

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b),
    bytes.length,
  ];
  return edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
}

/** Frames that need not make sense, alone or one after the other; none says more than it holds. */
const odd = fc
  .record({
    first: fc.integer({ min: 0, max: 255 }),
    isMasked: fc.oneof(
      { weight: 9, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.constant(false) },
    ),
    data: fc.oneof(payload, fc.constantFrom(...CLOSINGS)),
  })
  .map(({ first, isMasked, data }) => rawFrame(first, isMasked, data));

describe('the frame reader', () => {
  it('sees the messages and control frames that ws sees, wherever the bytes are cut', async () => {
    const stream = fc
      .array(fc.oneof(whole, control, fragmented), { maxLength: 12 })
      .map((frames) => Buffer.concat(frames));
    await fc.assert(
      fc.asyncProperty(stream, fc.array(fc.nat(), { maxLength: 8 }), async (bytes, places) => {
        const chunks = cut(bytes, places);
        expect(read(chunks)).toEqual(await reference(chunks));
      }),
      { numRuns: 500 },
    );
  });

  it('finds the faults that ws finds, with the same close code, and reads nothing behind them', async () => {
    const stream = fc.array(fc.oneof(odd, whole, fragmented), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(stream, async (frames) => {
        expect(read(frames)).toEqual(await reference(frames));
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes a reason that is not UTF-8 for a fault', () => {
    expect(read([rawFrame(0x88, true, Buffer.from([0x03, 0xe8, 0xff]))])).toEqual(['broken 1007']);
  });

  it('never throws on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (chunks) => {
        read(chunks.map((chunk) => Buffer.from(chunk)));
      }),
    );
  });

  it.each([
    ['whole', [frame(Buffer.alloc(LIMIT + 1), { opcode: 1, fin: true })]],
    [
      'in fragments',
      [
        frame(Buffer.alloc(LIMIT), { opcode: 1, fin: false }),
        frame(Buffer.alloc(1), { opcode: 0, fin: true }),
        frame(Buffer.from('later'), { opcode: 1, fin: true }),
      ],
    ],
  ])('reads nothing after a message over the limit, %s', (_, frames) => {
    expect(read([Buffer.concat(frames)])).toEqual(['broken 1009']);
  });

  it('puts a message of very many fragments together in the room of the message', () => {
    const letters = Array.from({ length: 50_000 }, (_, i) =>
      frame(Buffer.from('x'), { opcode: i === 0 ? 1 : 0, fin: i === 49_999 }),
    );
    expect(read([Buffer.concat(letters)])).toEqual(['x'.repeat(50_000)]);
  });

  it('tells a message that is not UTF-8 from one that holds the replacement character', () => {
    const encodings: string[] = [];
    const ignore = (): void => undefined;
    const reader = new FrameReader({
      onMessage: (_, encoding) => encodings.push(encoding),
      onPing: ignore,
      onPong: ignore,
      onClose: ignore,
      onViolation: ignore,
      maxPayload: () => LIMIT,
    });
    reader.push(frame(Buffer.from('\ufffd is fine'), { opcode: 1, fin: true }));
    reader.push(frame(Buffer.from([0x61, 0xff]), { opcode: 2, fin: true }));
    expect(encodings).toEqual(['utf8', 'invalid']);
  });
});
