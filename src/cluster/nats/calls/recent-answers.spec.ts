import { describe, expect, it } from 'vitest';
import { RecentAnswers } from './recent-answers.js';

describe('recent answers', () => {
  it('are the latest thousand', () => {
    const answers = new RecentAnswers();
    for (let i = 1; i <= 1_001; i += 1) answers.add(`a${i}`, `text ${i}`);
    expect(answers.get('a1')).toBeUndefined();
    expect(answers.get('a2')).toBe('text 2');
    expect(answers.get('a1001')).toBe('text 1001');
  });

  it('take no more room than a million characters', () => {
    const answers = new RecentAnswers();
    const text = 'x'.repeat(400_000);
    for (const id of ['a1', 'a2', 'a3']) answers.add(id, text);
    expect([answers.get('a1'), answers.get('a3')]).toEqual([undefined, text]);
    answers.add('a4', 'x'.repeat(2_000_000));
    expect([answers.get('a3'), answers.get('a4')]).toEqual([text, undefined]);
  });
});
