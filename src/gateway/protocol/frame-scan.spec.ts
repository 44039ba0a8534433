import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findFrameHead, scanFrame } from './frame-scan.js';

/** Each value and each name, the root included. */
function count(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  const names = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((sum, item) => sum + count(item), 1 + names);
}

const isCrowded = (text: string, limit: number) =>
  scanFrame(text, limit).fault?.message.includes('limit frame-values') === true;

describe('the values of a message', () => {
  it('are counted as they are parsed, however the text is written', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(3), (value, indent) => {
        const text = JSON.stringify({ value, 'a"\\': '[[{,,\\"' }, null, indent);
        const values = count(JSON.parse(text));
        const limit = Math.max(1, values - 1);
        if (text.length > 2 * limit) expect(isCrowded(text, limit)).toBe(values > limit);
        expect(isCrowded(text, values)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['empty objects', `[${'{},'.repeat(100_000)}{}]`],
    ['numbers', `[${'1,'.repeat(200_000)}1]`],
    ['members', `{${'"k":1,'.repeat(100_000)}"k":1}`],
    ['no JSON', ','.repeat(300_000)],
  ])('are refused past the limit: %s', (_, text) => {
    expect(isCrowded(text, 100_000)).toBe(true);
  });

  it('are refused before they are parsed when they are nested without end', () => {
    for (const text of ['['.repeat(1_000_000), '{"a":'.repeat(500_000)])
      expect(scanFrame(text, 100_000).fault?.message).toContain('too deeply');
  });

  it('cost little to count, whatever they are', () => {
    const texts = ['\\"'.repeat(2_000_000), `"${'\\\\'.repeat(2_000_000)}"`, '"",'.repeat(33_000)];
    for (const text of texts) {
      const startMs = performance.now();
      scanFrame(text, 100_000);
      findFrameHead(text);
      expect(performance.now() - startMs).toBeLessThan(500);
    }
  });
});

describe('the id of a message that is not parsed', () => {
  it.each([
    ['{"namespace":"rpc","name":"call","id":7,"args":[', { id: 7, namespace: 'rpc', name: 'call' }],
    ['{"args":{"id":1,"x":["id",{"id":2}]}, "id" : "a\\"b" }', { id: 'a"b' }],
    ['{"id":null}', { id: null }],
    ['{"id":1.5}', { id: null }],
    ['{"id":12345678901234567890}', { id: null }],
    ['{"name":"id","id":"id"}', { id: 'id', name: 'id' }],
    ['["id",{"id":3}]', { id: null }],
    ['{"id":', { id: null }],
    ['{"id":"', { id: null }],
    ['', { id: null }],
  ])('%s', (text, expected) => {
    expect(findFrameHead(text)).toMatchObject(expected);
  });
});
