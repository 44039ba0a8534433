import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMask } from './mask.js';

/** fnmatch without path rules, written the slow and obvious way: try every way to read the mask. */
function naive(mask: string, name: string): boolean {
  if (mask === '') return name === '';
  const head = mask.charAt(0);
  if (head === '*') {
    return naive(mask.slice(1), name) || (name !== '' && naive(mask, name.slice(1)));
  }
  if (name === '') return false;
  if (head === '?') return naive(mask.slice(1), name.slice(1));
  const set = /^\[(!?)(\]?[^\]]*)\]/.exec(mask);
  if (head === '[' && set !== null && set[2] !== '') {
    const [whole, negation, members = ''] = set;
    return (
      isMember(members, name.charAt(0)) !== (negation === '!') &&
      naive(mask.slice(whole.length), name.slice(1))
    );
  }
  return head === name.charAt(0) && naive(mask.slice(1), name.slice(1));
}

function isMember(members: string, character: string): boolean {
  if (members === '') return false;
  const isRange = members.length > 2 && members.charAt(1) === '-';
  if (!isRange) return members.charAt(0) === character || isMember(members.slice(1), character);
  const isInside = members.charAt(0) <= character && character <= members.charAt(2);
  return isInside || isMember(members.slice(3), character);
}

describe('a mask', () => {
  it.each([
    ['task.*', 'task.created', true],
    ['task.*', 'tasks.created', false],
    ['*', '', true],
    ['*.changed', 'a.b.c.changed', true],
    ['disk?', 'disk1', true],
    ['disk?', 'disk', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[]]', ']', true],
    ['[', '[', true],
    ['a[bc', 'a[bc', true],
    ['plain.name', 'plain.name', true],
    ['plain.name', 'plain-name', false],
  ])('%s on %s: %s', (mask, name, expected) => {
    expect(compileMask(mask)(name)).toBe(expected);
  });

  it('agrees with a naive fnmatch on random masks and names', () => {
    const mask = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', '*', '?', '[', ']', '!', '-', '.'),
      maxLength: 10,
    });
    const name = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', '.', '[', ']', '-', '!'),
      maxLength: 10,
    });
    fc.assert(
      fc.property(mask, name, (m, n) => {
        expect(compileMask(m)(n)).toBe(naive(m, n));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['*?', '\u{1f600}', true],
    ['?', '\u{1f600}', true],
    ['??', '\u{1f600}', false],
    ['*\ud83d*', '\u{1f600}', false],
    ['\ud83d*', '\ud83d', true],
    ['[\u{1f600}-\u{1f64f}]x', '\u{1f601}x', true],
    ['*[!a]', 'a\u{1f600}', true],
    ['a*?', 'a', false],
  ])('takes a pair of surrogates for one character: %s on %s: %s', (mask, name, expected) => {
    expect(compileMask(mask)(name)).toBe(expected);
  });

  it('is compiled in time that grows with its length, however many sets are left open', () => {
    const matches = compileMask('['.repeat(300_000));
    expect(matches('[')).toBe(false);
  });

  it('takes a number of steps that grows with name times mask, not exponentially', () => {
    const mask = `${'*a'.repeat(200)}b`;
    expect(compileMask(mask)('a'.repeat(5_000))).toBe(false);
  });

  it('finds a long piece of text as fast as the engine does, however often it nearly fits', () => {
    const [text, piece] = ['a'.repeat(1_000_000), `${'a'.repeat(500)}b`];
    const startMs = performance.now();
    expect(compileMask(`*${piece}*`)(text)).toBe(false);
    expect(performance.now() - startMs).toBeLessThan(500);
  });
});
