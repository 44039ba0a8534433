import { describe, expect, it } from 'vitest';
import { thatSay } from './answer-search.js';

const ANSWER = [
  { name: 'sda', size: 5, parts: [{ label: 'boot' }, { label: 'data' }] },
  { name: 'sdb', size: 7, parts: [] },
];

describe('the search in an answer', () => {
  it('keeps the way to what says the words, and nothing else', () => {
    expect(thatSay(ANSWER, 'BOOT')).toEqual([{ parts: [{ label: 'boot' }] }]);
    expect(thatSay(ANSWER, 'sdb')).toEqual([{ name: 'sdb' }]);
    expect(thatSay(ANSWER, 'size')).toEqual([{ size: 5 }, { size: 7 }]);
    expect(thatSay(ANSWER, 'sda boot')).toEqual([ANSWER[0]]);
    expect(thatSay(ANSWER, 'floppy')).toBeUndefined();
    expect(thatSay('a text', 'TEXT')).toBe('a text');
  });
});
