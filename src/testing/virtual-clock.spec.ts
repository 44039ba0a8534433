import { VirtualClock } from 'dispatcher/testing';
import { describe, expect, it } from 'vitest';

describe('a virtual clock', () => {
  it('fires timers in order, each at its time, and those set meanwhile', async () => {
    const clock = new VirtualClock();
    const fired: [string, number][] = [];
    const note = (name: string): void => void fired.push([name, clock.nowMs()]);
    clock.after(20, () => note('late'));
    clock.after(10, () => {
      note('early');
      void Promise.resolve().then(() => clock.after(5, () => note('between')));
    });
    await clock.advance(15);
    expect(fired).toEqual([
      ['early', 10],
      ['between', 15],
    ]);
    expect(clock.pending).toEqual([20]);
    await clock.advance(100);
    expect(fired.at(-1)).toEqual(['late', 20]);
    expect(clock.nowMs()).toBe(115);
  });

  it('forgets a timer that is cancelled', async () => {
    const clock = new VirtualClock();
    const cancel = clock.after(10, () => expect.unreachable());
    cancel();
    await clock.advance(10);
    expect(clock.pending).toEqual([]);
  });
});
