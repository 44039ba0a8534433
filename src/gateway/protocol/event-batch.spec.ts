import { describe, expect, it } from 'vitest';
import { EventBatch } from './event-batch.js';

const json = (name: string, size = 0): string =>
  JSON.stringify({ name, args: { x: 'x'.repeat(size) } });
const event = (name: string, size?: number): EventBatch => new EventBatch(json(name, size));

/** The texts of the frames in what would be written, read by the shape of RFC 6455. */
function texts(buffers: readonly Buffer[]): string[] {
  const bytes = Buffer.concat(buffers);
  const found: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const short = bytes.readUInt8(at + 1);
    const length =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    found.push(bytes.toString('utf8', at + header, at + header + length));
    at += header + length;
  }
  return found;
}

const names = (text: string): unknown => {
  const { name, args } = JSON.parse(text) as {
    name: string;
    args: { name?: string; events?: { name: string }[] };
  };
  return name === 'event' ? args.name : args.events?.map((each) => each.name);
};

describe('events on their way to a client', () => {
  it('are a frame each, or one frame for all', () => {
    const batch = event('a').with(event('b')).with(event('c'));
    expect(texts(batch.frames('plain')).map(names)).toEqual(['a', 'b', 'c']);
    expect(texts(batch.frames('burst')).map(names)).toEqual([['a', 'b', 'c']]);
  });

  it('are a plain frame when there is only one', () => {
    expect(texts(event('a').frames('burst')).map(names)).toEqual(['a']);
  });

  it('are bytes that are made once for all who get the same', () => {
    const [a, b, c] = [event('a'), event('b'), event('c')];
    const everything = [a.with(b).with(c), a.with(b).with(c)];
    const others = [a.with(c), a.with(c)];
    expect(everything[0]).toBe(everything[1]);
    expect(others[0]).toBe(others[1]);
    expect(others[0]).not.toBe(everything[0]);
    expect(everything[0]?.frames('burst')).toBe(everything[0]?.frames('burst'));
    expect(texts(others[0]?.frames('plain') ?? []).map(names)).toEqual(['a', 'c']);
  });

  it('are cut into several bursts when they are many megabytes', () => {
    let batch = event('0', 200_000);
    for (let i = 1; i < 5; i += 1) batch = batch.with(event(`${i}`, 200_000));
    expect(texts(batch.frames('burst')).map(names)).toEqual([['0', '1'], ['2', '3'], '4']);
    const big = event('big', 2_000_000).with(event('small'));
    expect(texts(big.frames('burst')).map(names)).toEqual(['big', 'small']);
  });
});
