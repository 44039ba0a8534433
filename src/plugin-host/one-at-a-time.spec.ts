import { describe, expect, it } from 'vitest';
import { oneAtATime } from './one-at-a-time.js';

describe('oneAtATime', () => {
  it('hands over the next event when the handler has settled, also when it failed', async () => {
    const log: string[] = [];
    const handler = oneAtATime(async (_, name) => {
      log.push(`${name} begins`);
      await new Promise(setImmediate);
      log.push(`${name} ends`);
      if (name === 'a') throw new Error('refused');
    });
    const outcomes = await Promise.allSettled([handler({}, 'a'), handler({}, 'b')]);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});
