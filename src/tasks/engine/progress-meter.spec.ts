import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../testing/index.js';
import { ProgressMeter } from './progress-meter.js';

let clock: VirtualClock;
let published: (number | null)[];
let writes: number;
let meter: ProgressMeter;

const report = (percentage: number): void =>
  meter.report({ percentage, message: null, extra: null });

beforeEach(() => {
  clock = new VirtualClock();
  published = [];
  writes = 0;
  meter = new ProgressMeter({
    clock,
    publish: ({ percentage }) => published.push(percentage),
    write: () => (writes += 1),
  });
});

describe('Progress', () => {
  it('is told at once the first time, then at most ten times a second, written once a second', async () => {
    for (let step = 0; step < 1_000; step += 1) {
      report(step / 10);
      await clock.advance(1);
    }
    await clock.advance(1_000);
    expect(published.length).toBeLessThanOrEqual(11);
    expect(published[0]).toBe(0);
    expect(published.at(-1)).toBe(99.9);
    expect(writes).toBeLessThanOrEqual(2);
    expect(clock.pending).toEqual([]);
  });

  it('that was held back is told when the task ends', () => {
    report(1);
    report(2);
    report(3);
    expect(published).toEqual([1]);
    meter.flush();
    meter.flush();
    expect(published).toEqual([1, 3]);
    expect(meter.last.percentage).toBe(3);
    expect(clock.pending).toEqual([]);
  });

  it('that comes slowly is told as it comes', async () => {
    for (const step of [1, 2, 3]) {
      report(step);
      await clock.advance(100);
    }
    expect(published).toEqual([1, 2, 3]);
  });
});
