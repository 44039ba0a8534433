import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { abortable, onAbort } from './abortable.js';
import { deferred } from './deferred.js';

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('onAbort', () => {
  it('acts once when the signal fires, and leaves no listener', () => {
    const controller = new AbortController();
    let acts = 0;
    onAbort(controller.signal, () => (acts += 1));
    expect(acts).toBe(0);
    controller.abort();
    controller.signal.dispatchEvent(new Event('abort'));
    expect(acts).toBe(1);
    expect(listenersOf(controller.signal)).toBe(0);
  });

  it('acts at once when it has fired already', () => {
    let acts = 0;
    const forget = onAbort(AbortSignal.abort(), () => (acts += 1));
    expect(acts).toBe(1);
    forget();
    expect(acts).toBe(1);
  });

  it('does nothing after it was forgotten, however often', () => {
    const controller = new AbortController();
    let acts = 0;
    const forget = onAbort(controller.signal, () => (acts += 1));
    forget();
    forget();
    controller.abort();
    expect(acts).toBe(0);
  });

  it('does nothing without a signal', () => {
    onAbort(undefined, () => expect.fail())();
    onAbort(null, () => expect.fail())();
  });
});

describe('abortable', () => {
  it('gives what the work comes to, and leaves no listener', async () => {
    const { signal } = new AbortController();
    await expect(abortable(Promise.resolve(7), signal)).resolves.toBe(7);
    await expect(abortable(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
    expect(listenersOf(signal)).toBe(0);
    await expect(abortable(Promise.resolve(7))).resolves.toBe(7);
  });

  it('rejects with the reason of a signal that fires first or has fired', async () => {
    const controller = new AbortController();
    const waiting = abortable(deferred<never>().promise, controller.signal);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(abortable(Promise.resolve(1), controller.signal)).rejects.toBe(reason);
  });

  it('is silent about work that fails afterwards', async () => {
    const controller = new AbortController();
    const work = deferred<never>();
    const waiting = abortable(work.promise, controller.signal);
    controller.abort(new Error('enough'));
    work.reject(new Error('late')); // unhandled, this would fail the run
    await expect(waiting).rejects.toThrow('enough');
  });
});
