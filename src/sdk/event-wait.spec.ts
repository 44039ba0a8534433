import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventWait, type EventWaitParts } from './event-wait.js';
import type { EventHandler } from './event-handler.js';

let handlers: Set<EventHandler>;
const publish = (args: Record<string, unknown>): void => {
  for (const handler of [...handlers]) void handler(args, 'disk.seen');
};

beforeEach(() => {
  vi.useFakeTimers();
  handlers = new Set();
});
afterEach(() => {
  vi.useRealTimers();
});

const wait = (parts: Partial<EventWaitParts> = {}): Promise<unknown> =>
  new EventWait({
    event: 'disk.*',
    match: ({ disk }) => disk === 'da0',
    options: {},
    ended: null,
    listen: (_, handler) => void handlers.add(handler),
    unlisten: (_, handler) => void handlers.delete(handler),
    begin: () => Promise.resolve(false),
    ...parts,
  }).run();

/** A wait leaves neither a handler nor a timer, however it ended. */
const nothingLeft = (): void => {
  expect(handlers.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
};

describe('waiting for an event', () => {
  it('listens before it begins, and resolves with the first event that fits', async () => {
    const begin = (): Promise<boolean> => {
      publish({ disk: 'da1' });
      publish({ disk: 'da0', turn: 1 });
      publish({ disk: 'da0', turn: 2 });
      return Promise.resolve(false);
    };
    expect(await wait({ begin })).toEqual({ disk: 'da0', turn: 1 });
    nothingLeft();
  });

  it('goes on listening after it began', async () => {
    const outcome = wait({ options: { timeoutMs: 1_000 } });
    await vi.advanceTimersByTimeAsync(999);
    publish({ disk: 'da0' });
    expect(await outcome).toEqual({ disk: 'da0' });
    nothingLeft();
  });

  it('ends at once, with null, when there is nothing to wait for', async () => {
    expect(await wait({ begin: () => Promise.resolve(true) })).toBeNull();
    nothingLeft();
  });

  it('ends no sooner than what it began', async () => {
    let finish: (isOver: boolean) => void = () => undefined;
    const outcome = wait({ begin: () => new Promise((resolve) => (finish = resolve)) });
    publish({ disk: 'da0' });
    const settled = vi.fn();
    void outcome.then(settled);
    await vi.advanceTimersByTimeAsync(10);
    expect(settled).not.toHaveBeenCalled();
    finish(false);
    expect(await outcome).toEqual({ disk: 'da0' });
    nothingLeft();
  });

  it('fails with what it began, even after the event has come', async () => {
    const begin = (): Promise<boolean> => {
      publish({ disk: 'da0' });
      return Promise.reject(new Error('boom'));
    };
    await expect(wait({ begin })).rejects.toThrow('boom');
    nothingLeft();
  });

  it('fails with a match that throws', async () => {
    const outcome = wait({
      match: () => {
        throw new Error('no match');
      },
    });
    publish({});
    await expect(outcome).rejects.toThrow('no match');
    nothingLeft();
  });

  it('fails with ETIMEDOUT when the event does not come in time', async () => {
    const outcome = wait({ options: { timeoutMs: 1_500 } });
    const failure = expect(outcome).rejects.toMatchObject({
      code: 110,
      message: 'Event disk.* did not come within 1.5 s',
    });
    await vi.advanceTimersByTimeAsync(1_500);
    await failure;
    nothingLeft();
  });

  it('takes a time longer than timers can count as it is meant', async () => {
    const outcome = wait({ options: { timeoutMs: 2 ** 40 } });
    await vi.advanceTimersByTimeAsync(86_400_000);
    publish({ disk: 'da0' });
    expect(await outcome).toEqual({ disk: 'da0' });
  });

  it.each(['ended', 'signal'])(
    'fails with ECANCELED when %s fires, before or meanwhile',
    async (which) => {
      const controller = new AbortController();
      const { signal } = controller;
      const removed = vi.spyOn(signal, 'removeEventListener');
      const parts = which === 'ended' ? { ended: signal } : { options: { signal } };
      const outcome = wait(parts);
      controller.abort();
      await expect(outcome).rejects.toMatchObject({ code: 125 });
      expect(removed).toHaveBeenCalledOnce();
      const begin = vi.fn(() => Promise.resolve(true));
      await expect(wait({ ...parts, begin })).rejects.toMatchObject({ code: 125 });
      expect(begin).not.toHaveBeenCalled();
      nothingLeft();
    },
  );

  it('leaves a failure that comes too late to nobody', async () => {
    let fail: (error: unknown) => void = () => undefined;
    const begin = (): Promise<boolean> => new Promise((_, reject) => (fail = reject));
    const outcome = wait({ begin, options: { timeoutMs: 1 } });
    const failure = expect(outcome).rejects.toMatchObject({ code: 110 });
    await vi.advanceTimersByTimeAsync(1);
    await failure;
    fail(new Error('late'));
    await vi.advanceTimersByTimeAsync(1);
  });
});
