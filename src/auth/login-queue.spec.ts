import { describe, expect, it } from 'vitest';
import { LoginQueue, type Standing } from './login-queue.js';

/** A queue, who was evicted from it, and the order in which the others have their turns. */
function queueOf(capacity: number) {
  const queue = new LoginQueue(capacity);
  const evicted: string[] = [];
  const add = (standing: Standing, source: string, name: string): boolean =>
    queue.add({
      standing,
      source,
      start: () => started.push(name),
      evict: () => evicted.push(name),
    });
  const started: string[] = [];
  const drain = (): string[] => {
    for (let next = queue.next(); next !== undefined; next = queue.next()) next.start();
    return started;
  };
  return { add, drain, evicted };
}

describe('who waits for a hash', () => {
  it('has turns by source, however many wait for one', () => {
    const { add, drain } = queueOf(10);
    for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) add('clean', name[0]!, name);
    expect(drain()).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('waits for nobody of another standing for ever', () => {
    const { add, drain } = queueOf(10);
    for (const standing of ['suspect', 'clean', 'proven'] as const) {
      for (let n = 1; n <= 4; n += 1) add(standing, 's', `${standing}${n}`);
    }
    const order = drain();
    expect(order.slice(0, 5)).toEqual(['proven1', 'clean1', 'proven2', 'clean2', 'suspect1']);
    expect(order).toHaveLength(12);
  });

  it('gives way to a newcomer when nobody else has more in a full queue, and only then', () => {
    const { add, drain, evicted } = queueOf(4);
    for (const name of ['a1', 'a2', 'a3', 'b1']) expect(add('clean', name[0]!, name)).toBe(true);
    expect(add('clean', 'a', 'a4')).toBe(false);
    expect(add('clean', 'c', 'c1')).toBe(true);
    expect(add('clean', 'd', 'd1')).toBe(true);
    expect(add('clean', 'e', 'e1')).toBe(false);
    expect(add('proven', 'e', 'e2')).toBe(true);
    expect(evicted).toEqual(['a3', 'a2']);
    expect(drain()).toEqual(['e2', 'a1', 'b1', 'c1', 'd1']);
  });
});
