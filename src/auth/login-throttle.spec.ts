import { beforeEach, describe, expect, it } from 'vitest';
import { Errno } from '../common/index.js';
import { LocalFailureFeed } from '../cluster/local/local-failure-feed.js';
import { LoginThrottle } from './login-throttle.js';

const MINUTE_MS = 60_000;
const { signal } = new AbortController();
const EBUSY = { code: Errno.EBUSY };

let now: number;
let throttle: LoginThrottle;
beforeEach(() => {
  now = 1_000_000;
  throttle = new LoginThrottle(() => now, 10, new LocalFailureFeed());
});

/** Tries a password and returns after which delay it was decided. */
async function attempt(username: string, ip: string | null, isRight: boolean): Promise<number> {
  let delay = -1;
  await throttle.attempt({ username, ip, signal }, ({ delayMs }) => {
    delay = delayMs;
    return Promise.resolve(isRight);
  });
  return delay;
}

async function fail(times: number, username: (n: number) => string, ip: (n: number) => string) {
  for (let n = 0; n < times; n += 1) await attempt(username(n), ip(n), false);
}

const host = (n: number): string => `192.0.2.${n}`;

describe('failed logins of one address', () => {
  it('are slowed more and more, then refused with the seconds to wait, and forgotten', async () => {
    const delays = [];
    for (let n = 0; n < 10; n += 1) delays.push(await attempt(`user${n}`, host(1), false));
    expect(delays).toEqual([0, 0, 0, 50, 100, 200, 400, 800, 1_000, 1_000]);
    await expect(attempt('other', host(1), true)).rejects.toMatchObject({
      ...EBUSY,
      message: 'Too many failed logins: try again in 60 s',
    });
    now += MINUTE_MS - 1;
    await expect(attempt('other', host(1), true)).rejects.toMatchObject({
      message: 'Too many failed logins: try again in 1 s',
    });
    now += 1;
    expect(await attempt('other', host(1), true)).toBe(0);
  });

  it('do not concern another address', async () => {
    await fail(
      10,
      (n) => `user${n}`,
      () => host(1),
    );
    expect(await attempt('ann', host(2), true)).toBe(0);
  });

  it('are not cleared by a success with an account of its own', async () => {
    for (let n = 0; n < 10; n += 1) {
      await attempt('mallory', host(1), true);
      await attempt('ann', host(1), false);
    }
    await expect(attempt('ann', host(1), true)).rejects.toMatchObject(EBUSY);
  });

  it('do not lock out who has logged in from there before, until that user fails there', async () => {
    await attempt('ann', host(1), true);
    for (let n = 0; n < 10; n += 1) await attempt(`user${n}`, host(1), false);
    expect(await attempt('ann', host(1), true)).toBe(0);
    for (let n = 0; n < 10; n += 1) await attempt('ann', host(1), false);
    await expect(attempt('ann', host(1), true)).rejects.toMatchObject(EBUSY);
  });

  it('refused attempts do not push the failures of others out of the table', async () => {
    await fail(
      10,
      () => 'ann',
      (n) => host(n + 100),
    );
    for (let n = 0; n < 10; n += 1) await attempt(`user${n}`, host(1), false);
    for (let n = 0; n < 10_001; n += 1) {
      await expect(attempt(`invented${n}`, host(1), false)).rejects.toMatchObject(EBUSY);
    }
    expect(await attempt('ann', host(2), true)).toBe(2_000);
  });
});

describe('failed logins of one user', () => {
  const besiege = () =>
    fail(
      10,
      () => 'ann',
      (n) => host(n),
    );

  it('from many addresses slow down the next ones', async () => {
    await besiege();
    expect(await attempt('ann', host(100), true)).toBe(2_000);
  });

  it('refuse an address that has failed before', async () => {
    await besiege();
    await expect(attempt('ann', host(3), false)).rejects.toMatchObject(EBUSY);
  });

  it('allow thirty guesses a minute at most, however many addresses there are', async () => {
    await besiege();
    let decided = 0;
    for (let n = 0; n < 6_000; n += 1) {
      now += 10;
      const ip = `10.${n >> 8}.${n & 255}.1`;
      decided += await attempt('ann', ip, false).then(
        () => 1,
        () => 0,
      );
    }
    expect(decided).toBeGreaterThan(20);
    expect(decided).toBeLessThanOrEqual(32);
  });

  it('do not hold up who has logged in from there before, at all', async () => {
    await attempt('ann', host(200), true);
    await besiege();
    expect(await attempt('ann', host(200), true)).toBe(0);
  });

  it('from the usual place of the user do not count against other places', async () => {
    await attempt('ann', host(200), true);
    for (let n = 0; n < 10; n += 1) await attempt('ann', host(200), false);
    await expect(attempt('ann', host(200), true)).rejects.toMatchObject(EBUSY);
    expect(await attempt('ann', host(100), true)).toBe(0);
  });

  it('do not concern another user', async () => {
    await besiege();
    expect(await attempt('bob', host(100), true)).toBe(0);
  });
});

describe('logins at the same time', () => {
  it('are no way around the limit: no more are decided at once than may fail', async () => {
    let deciding = 0;
    const decide: ((isRight: boolean) => void)[] = [];
    const all = Array.from({ length: 30 }, () =>
      throttle
        .attempt({ username: 'ann', ip: host(1), signal }, () => {
          deciding += 1;
          return new Promise<boolean>((resolve) => decide.push(resolve));
        })
        .then(
          () => 'failed',
          () => 'refused',
        ),
    );
    await Promise.resolve();
    expect(deciding).toBe(10);
    for (const settle of decide) settle(false);
    const outcomes = await Promise.all(all);
    expect(deciding).toBe(10);
    expect(outcomes.filter((outcome) => outcome === 'refused')).toHaveLength(20);
  });

  it('are none refused when all passwords are right', async () => {
    const all = Array.from({ length: 50 }, () => attempt('ann', host(1), true));
    expect(await Promise.all(all)).toEqual(all.map(() => 0));
  });

  it('that nobody decided count for nothing', async () => {
    const broken = new Error('no disk');
    for (let n = 0; n < 20; n += 1) {
      const attempted = throttle.attempt({ username: 'ann', ip: host(1), signal }, () =>
        Promise.reject(broken),
      );
      await expect(attempted).rejects.toBe(broken);
    }
    expect(await attempt('ann', host(1), true)).toBe(0);
  });

  it('give up waiting when their client goes', async () => {
    const controller = new AbortController();
    const never = () => new Promise<boolean>(() => undefined);
    for (let n = 0; n < 10; n += 1)
      void throttle.attempt({ username: 'ann', ip: host(1), signal }, never);
    const waiting = throttle.attempt(
      { username: 'ann', ip: host(1), signal: controller.signal },
      never,
    );
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
  });
});
