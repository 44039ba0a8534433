import { beforeEach, describe, expect, it, vi } from 'vitest';
import { WatchingSource } from './watching-source.js';

class Probe extends WatchingSource {
  readonly log: string[] = [];
  running = 0;
  body: (signal: AbortSignal) => Promise<void> = (signal) => this.pause(2 ** 30, signal);

  protected override async watch(signal: AbortSignal): Promise<void> {
    this.log.push('start');
    this.running += 1;
    expect(this.running).toBe(1);
    try {
      await this.body(signal);
    } finally {
      this.running -= 1;
      this.log.push('end');
    }
  }
}

let probe: Probe;
let stop: AbortController;
beforeEach(() => {
  probe = new Probe();
  stop = new AbortController();
});

/** Long enough for every promise that can settle without a timer. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a watching source', () => {
  it('watches from the first subscriber of any of its events to the last', async () => {
    const run = probe.run(stop.signal);
    await settled();
    expect(probe.log).toEqual([]);
    probe.enable('a');
    probe.enable('b');
    probe.disable('a');
    await settled();
    expect(probe.log).toEqual(['start']);
    probe.disable('b');
    await settled();
    expect(probe.log).toEqual(['start', 'end']);
    probe.enable('a');
    await settled();
    expect(probe.log).toEqual(['start', 'end', 'start']);
    stop.abort();
    await run;
    expect(probe.running).toBe(0);
  });

  it('starts at once when somebody subscribed before its loop ran', async () => {
    probe.enable('a');
    const run = probe.run(stop.signal);
    await settled();
    expect(probe.running).toBe(1);
    stop.abort();
    await run;
  });

  it('never watches twice at once, however fast subscribers come and go', async () => {
    const ends: (() => void)[] = [];
    probe.body = () => new Promise((resolve) => ends.push(resolve));
    const run = probe.run(stop.signal);
    probe.enable('a');
    await settled();
    for (let round = 0; round < 3; round += 1) {
      probe.disable('a');
      probe.enable('a');
    }
    ends[0]?.();
    await settled();
    expect(probe.log).toEqual(['start', 'end', 'start']);
    stop.abort();
    ends[1]?.();
    await run;
  });

  it('that has nothing to watch rests until the next first subscriber', async () => {
    probe.body = () => Promise.resolve();
    const run = probe.run(stop.signal);
    probe.enable('a');
    await settled();
    probe.enable('b');
    await settled();
    expect(probe.log).toEqual(['start', 'end']);
    probe.disable('a');
    probe.disable('b');
    probe.enable('b');
    await settled();
    expect(probe.log).toEqual(['start', 'end', 'start', 'end']);
    stop.abort();
    await run;
  });

  it('fails with what its watch throws, also while it is ending', async () => {
    probe.enable('a');
    probe.body = () => Promise.reject(new Error('broken'));
    await expect(probe.run(stop.signal)).rejects.toThrow('broken');
    probe.body = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('broken at the end')));
      });
    const run = probe.run(stop.signal);
    stop.abort();
    await expect(run).rejects.toThrow('broken at the end');
  });

  it('can be run again after a failure, still wanted', async () => {
    probe.enable('a');
    probe.body = vi.fn().mockRejectedValueOnce(new Error('once')).mockResolvedValueOnce(undefined);
    await expect(probe.run(stop.signal)).rejects.toThrow('once');
    const run = probe.run(stop.signal);
    await settled();
    expect(probe.log).toHaveLength(4);
    stop.abort();
    await run;
  });

  it('leaves no listener on the signal of its loop', async () => {
    const remove = vi.spyOn(stop.signal, 'removeEventListener');
    probe.enable('a');
    probe.body = () => Promise.reject(new Error('broken'));
    await expect(probe.run(stop.signal)).rejects.toThrow();
    expect(remove).toHaveBeenCalledOnce();
  });
});
