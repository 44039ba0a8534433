import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import { FrameSplitter } from './frame-splitter.js';

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

/** What ws alone makes of the bytes. */
function reference(bytes: readonly Buffer[]): string[] {
  const seen: string[] = [];
  const receiver = new Receiver({
    isServer: true,
    skipUTF8Validation: true,
    allowSynchronousEvents: true,
  });
  receiver.on('message', (data: Buffer) => seen.push(data.toString()));
  for (const name of ['ping', 'pong'] as const) {
    receiver.on(name, (data: Buffer) => seen.push(`${name} ${data.toString()}`));
  }
  for (const chunk of bytes) receiver.write(Buffer.from(chunk));
  return seen;
}

/** What the splitter makes of them, with ws behind it for what it passes on. */
function split(bytes: readonly Buffer[]) {
  const outcome = { seen: [] as string[], faults: [] as string[], tooBig: false };
  const receiver = new Receiver({
    isServer: true,
    skipUTF8Validation: true,
    allowSynchronousEvents: true,
  });
  receiver.on('message', (data: Buffer) => outcome.seen.push(data.toString()));
  for (const name of ['ping', 'pong'] as const) {
    receiver.on(name, (data: Buffer) => outcome.seen.push(`${name} ${data.toString()}`));
  }
  receiver.on('error', (error: Error) => outcome.faults.push(error.message));
  const splitter = new FrameSplitter({
    onMessage: (text) => outcome.seen.push(text),
    onOther: (other) => {
      receiver.write(other);
    },
    onTooBig: () => {
      outcome.tooBig = true;
    },
    maxPayload: () => LIMIT,
  });
  for (const chunk of bytes) splitter.push(Buffer.from(chunk));
  return outcome;
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

describe('the frame splitter', () => {
  it('sees the messages and control frames that ws sees, wherever the bytes are cut', () => {
    const stream = fc
      .array(fc.oneof(whole, control, fragmented), { maxLength: 12 })
      .map((frames) => Buffer.concat(frames));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 8 }), (bytes, places) => {
        const chunks = cut(bytes, places);
        expect(split(chunks).seen).toEqual(reference(chunks));
      }),
      { numRuns: 500 },
    );
  });

  it('never throws on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (chunks) => {
        const splitter = new FrameSplitter({
          onMessage: () => undefined,
          onOther: () => undefined,
          onTooBig: () => undefined,
          maxPayload: () => LIMIT,
        });
        for (const chunk of chunks) splitter.push(Buffer.from(chunk));
      }),
    );
  });

  it.each([
    ['unmasked', { opcode: 1, fin: true, mask: false }, 'MASK must be set'],
    ['with a reserved bit', { opcode: 1, fin: true, rsv1: true }, 'RSV1 must be clear'],
    ['with an unknown opcode', { opcode: 3, fin: true }, 'invalid opcode 3'],
    ['that continues nothing', { opcode: 0, fin: true }, 'invalid opcode 0'],
  ])('leaves a frame %s to ws, which knows what to do about it', async (_, options, fault) => {
    const outcome = split([frame(Buffer.from('x'), options)]);
    await new Promise(setImmediate); // a stream tells of its errors in the next tick
    expect(outcome.seen).toEqual([]);
    expect(outcome.faults).toEqual([expect.stringContaining(fault)]);
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
    const outcome = split([Buffer.concat(frames)]);
    expect(outcome).toMatchObject({ tooBig: true, seen: [] });
  });

  it('tells a message that is not UTF-8 from one that holds the replacement character', () => {
    const encodings: string[] = [];
    const splitter = new FrameSplitter({
      onMessage: (_, encoding) => encodings.push(encoding),
      onOther: () => undefined,
      onTooBig: () => undefined,
      maxPayload: () => LIMIT,
    });
    splitter.push(frame(Buffer.from('\ufffd is fine'), { opcode: 1, fin: true }));
    splitter.push(frame(Buffer.from([0x61, 0xff]), { opcode: 2, fin: true }));
    expect(encodings).toEqual(['utf8', 'invalid']);
  });
});
