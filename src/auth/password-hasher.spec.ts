import { describe, expect, it } from 'vitest';
import { Errno } from '../common/index.js';
import { PasswordHasher } from './password-hasher.js';

const outcomeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    (error: unknown) => error,
  );
/** Checked in no time: what matters here is who has to wait. */
const CHEAP = `$scrypt$ln=1,r=1,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

describe('checks of passwords', () => {
  it('wait for their turn in a bounded queue, past which they are refused', async () => {
    const hasher = new PasswordHasher();
    const checks = Array.from({ length: 140 }, () => outcomeOf(hasher.verify('secret', CHEAP)));
    const outcomes = await Promise.all(checks);
    expect(outcomes.slice(0, 130)).toEqual(new Array(130).fill(false));
    for (const refused of outcomes.slice(130)) {
      expect(refused).toMatchObject({ code: Errno.EBUSY });
    }
    expect(await hasher.verify('secret', CHEAP)).toBe(false);
  });

  it('give up their turn when the client goes, and the others have theirs', async () => {
    const hasher = new PasswordHasher();
    const controller = new AbortController();
    const first = [hasher.verify('a', CHEAP), hasher.verify('b', CHEAP)];
    const gone = outcomeOf(
      hasher.verify('c', CHEAP, {
        standing: 'clean',
        source: 'c',
        signal: controller.signal,
      }),
    );
    const last = hasher.verify('d', CHEAP);
    const reason = new Error('gone');
    controller.abort(reason);
    expect(await gone).toBe(reason);
    expect(await Promise.all([...first, last])).toEqual([false, false, false]);
  });
});
