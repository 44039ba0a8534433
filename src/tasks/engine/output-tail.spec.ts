import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputTail } from './output-tail.js';

const KEPT = 64 * 1024;

describe('Output', () => {
  it('is kept whole while it is short', () => {
    const tail = new OutputTail();
    expect(tail.text).toBeNull();
    tail.add('one\n');
    tail.add('two\n');
    expect(tail.text).toBe('one\ntwo\n');
  });

  it('is kept to its end when it gets long, in whatever pieces it comes', () => {
    const piece = fc.integer({ min: 0, max: 3 * KEPT }).map((length) => 'x'.repeat(length));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const tail = new OutputTail();
        const marked = pieces.map((text, index) => `${index}:${text}`);
        for (const text of marked) tail.add(text);
        const all = marked.join('');
        const dropped = all.length - KEPT;
        const end = all.slice(-KEPT);
        const expected = dropped > 0 ? `[${dropped} characters left out]\n${end}` : all;
        expect(tail.text).toBe(expected === '' ? null : expected);
        expect(tail.text).toBe(expected === '' ? null : expected);
      }),
      { numRuns: 50 },
    );
  });
});
