import { beforeEach, describe, expect, it, vi } from 'vitest';
import { VirtualClock } from '../../testing/index.js';
import { AdmissionQueue, PLACE_KEPT_MS } from './admission-queue.js';

let clock: VirtualClock;
let admitted: number[];
let line: AdmissionQueue;

beforeEach(() => {
  clock = new VirtualClock();
  admitted = [];
  line = new AdmissionQueue({ clock, admit: (id) => admitted.push(id) });
});

/** Its verify has begun, and takes a while. */
const enter = (id: number, options?: { hasDeadline: boolean }): void => {
  line.enter(id, options);
  line.startDeadline(id);
};

describe('Tasks in the line', () => {
  it('are admitted in the order in which they came, whichever is ready first', () => {
    for (const id of [1, 2, 3]) enter(id);
    line.ready(3, []);
    line.ready(2, []);
    expect(admitted).toEqual([]);
    expect([1, 2, 3].map((id) => line.precedes(id))).toEqual([null, 1, 1]);
    line.ready(1, []);
    expect(admitted).toEqual([1, 2, 3]);
  });

  it('give up their place after a second, and are admitted when they are ready', async () => {
    enter(1);
    enter(2);
    line.ready(2, []);
    await clock.advance(PLACE_KEPT_MS - 1);
    expect(admitted).toEqual([]);
    await clock.advance(1);
    expect(admitted).toEqual([2]);
    line.ready(1, []);
    expect(admitted).toEqual([2, 1]);
  });

  it('keep their place for as long as others hold them up', async () => {
    enter(1);
    await clock.advance(PLACE_KEPT_MS / 2);
    enter(2);
    enter(3);
    line.ready(2, []);
    await clock.advance(PLACE_KEPT_MS / 2);
    expect(admitted).toEqual([2]);
    line.ready(3, []);
    expect(admitted).toEqual([2, 3]);
  });

  it('each have their own second, however many come and go meanwhile', async () => {
    enter(1);
    enter(2);
    await clock.advance(PLACE_KEPT_MS / 2);
    enter(3);
    enter(4);
    line.ready(4, []);
    line.ready(1, []);
    await clock.advance(PLACE_KEPT_MS / 2);
    expect(admitted).toEqual([1]); // 2 is late, 3 is not yet, and 4 waits for it
    await clock.advance(PLACE_KEPT_MS / 2);
    expect(admitted).toEqual([1, 4]);
    line.ready(3, []);
    line.ready(2, []);
    expect(admitted).toEqual([1, 4, 3, 2]);
    expect(clock.pending).toEqual([]);
  });

  it('cost no timer when their claims are there at once', () => {
    const after = vi.spyOn(clock, 'after');
    line.enter(1);
    line.ready(1, []);
    expect(admitted).toEqual([1]);
    expect(after).not.toHaveBeenCalled();
  });

  it('without a deadline keep it as long as it takes', async () => {
    enter(1, { hasDeadline: false });
    enter(2);
    line.ready(2, []);
    await clock.advance(PLACE_KEPT_MS * 1_000);
    expect(admitted).toEqual([]);
    line.ready(1, []);
    expect(admitted).toEqual([1, 2]);
  });

  it('that leave let the others pass, and leave no timer behind', () => {
    enter(1);
    enter(2);
    line.ready(2, []);
    line.leave(1);
    line.leave(1);
    line.ready(1, []);
    expect(admitted).toEqual([2]);
    expect(clock.pending).toEqual([]);
  });

  it('may be admitted while another is being admitted', () => {
    line = new AdmissionQueue({
      clock,
      admit: (id) => {
        admitted.push(id);
        if (id === 1) line.ready(3, []);
      },
    });
    for (const id of [1, 2, 3]) enter(id);
    line.ready(2, []);
    line.ready(1, []);
    expect(admitted).toEqual([1, 2, 3]);
  });
});
