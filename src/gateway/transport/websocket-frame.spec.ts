import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import { joinFrames, textFrame } from './websocket-frame.js';

// exported by ws, missing from its types
const { Receiver } = ws as unknown as {
  Receiver: new (options: object) => NodeJS.WritableStream;
};

/** Reads frames back with the parser of the ws library. */
function parse(buffers: readonly Buffer[]): string[] {
  const texts: string[] = [];
  const receiver = new Receiver({ isServer: false, allowSynchronousEvents: true });
  receiver.on('message', (data: Buffer) => texts.push(data.toString()));
  for (const buffer of buffers) receiver.write(buffer);
  return texts;
}

const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.integer({ min: 120, max: 130 }).map((length) => 'a'.repeat(length)),
    fc.integer({ min: 40, max: 130 }).map((length) => 'é€😀'.repeat(length).slice(0, length * 2)),
    fc.constantFrom('x'.repeat(65_535), 'x'.repeat(65_536), 'ü'.repeat(40_000)),
  )
  .map((raw) => Buffer.from(raw).toString());

describe('joined frames', () => {
  it('are read back by an independent parser as the texts that went in, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.boolean()), { maxLength: 30 }), (items) => {
        const frames = items.map(([item, isReady]) => (isReady ? textFrame(item) : item));
        expect(parse(joinFrames(frames))).toEqual(items.map(([item]) => item));
      }),
      { numRuns: 300 },
    );
  });

  it('of one tick fit into one buffer when they are small', () => {
    expect(joinFrames(Array.from({ length: 200 }, (_, i) => `{"id":${i}}`))).toHaveLength(1);
  });
});
