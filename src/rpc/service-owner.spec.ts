import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { ServiceOwner } from './service-owner.js';

let owner: ServiceOwner;
let limit: AbortController;

beforeEach(() => {
  owner = new ServiceOwner('sample');
  limit = new AbortController();
});

const listeners = (): number => getEventListeners(limit.signal, 'abort').length;

describe('waiting until nobody is inside', () => {
  it('ends with the last of the calls', async () => {
    const [first, second] = [owner.enter(), owner.enter()];
    let isIdle = false;
    const idle = owner.whenIdle(limit.signal).then(() => (isIdle = true));
    first();
    first(); // a call leaves once
    await Promise.resolve();
    expect(isIdle).toBe(false);
    second();
    await idle;
    expect(owner.runningCalls).toBe(0);
  });

  it('ends when its time is over, whoever is inside', async () => {
    owner.enter();
    const idle = owner.whenIdle(limit.signal);
    limit.abort();
    await idle;
    expect(owner.runningCalls).toBe(1);
  });

  it('leaves no listener behind, however it ends', async () => {
    const leave = owner.enter();
    const idle = owner.whenIdle(limit.signal);
    expect(listeners()).toBe(1);
    leave();
    await idle;
    expect(listeners()).toBe(0);
  });

  it('counts a promise until it is settled, also with an error', async () => {
    const failing = owner.track(Promise.reject(new Error('boom')));
    expect(owner.runningCalls).toBe(1);
    await expect(failing).rejects.toThrow('boom');
    expect(owner.runningCalls).toBe(0);
  });
});

describe('waiting at the gate', () => {
  it.each([
    ['release', true],
    ['abort', false],
  ])('leaves no listener behind after %s', async (end, expected) => {
    owner.hold();
    const released = owner.whenReleased(60_000, limit.signal);
    expect(listeners()).toBe(1);
    if (end === 'release') owner.release();
    else limit.abort();
    expect(await released).toBe(expected);
    expect(listeners()).toBe(0);
  });
});
