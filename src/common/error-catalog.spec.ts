import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Errno, errnoName } from './errno.js';
import { coded, ERROR_CATALOG, type ErrorKey } from './error-catalog.js';

describe('the error catalogue', () => {
  it('is what docs/errors.md says', () => {
    const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    const documented = rows.map((row) =>
      row
        .split('|')
        .slice(1, 4)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
    const expected = Object.entries(ERROR_CATALOG).map(([key, { errno, template }]) => [
      key,
      `${errnoName(errno)} ${errno}`,
      template,
    ]);
    expect(documented).toEqual(expected);
  });

  it('fills every placeholder', () => {
    const error = coded('SERVICE_NOT_FOUND', { service: 'a.b' });
    expect(error).toMatchObject({ code: Errno.ENOENT, message: 'Service a.b not found' });
    expect(error.toWire()).toEqual({ code: 2, name: 'ENOENT', message: 'Service a.b not found' });
  });

  it('repeats no more than the beginning of a name', () => {
    const { message } = coded('SERVICE_NOT_FOUND', { service: 'x'.repeat(1_000_000) });
    expect(message.length).toBeLessThan(300);
    expect(message).toContain('x'.repeat(256));
  });

  it('gives every error the Linux number of its symbol', () => {
    const numbers = {
      EPERM: 1,
      ENOENT: 2,
      EINTR: 4,
      EIO: 5,
      EACCES: 13,
      EFAULT: 14,
      EBUSY: 16,
      EEXIST: 17,
      EINVAL: 22,
      ENOSPC: 28,
      EBADMSG: 74,
      EOVERFLOW: 75,
      EOPNOTSUPP: 95,
      ENOTSUP: 95,
      ECONNABORTED: 103,
      ETIMEDOUT: 110,
      ECANCELED: 125,
    };
    const table = Object.fromEntries(
      Object.entries(Errno).filter(([, value]) => typeof value === 'number'),
    );
    expect(table).toEqual(numbers);
    for (const key of Object.keys(ERROR_CATALOG) as ErrorKey[]) {
      expect(errnoName(ERROR_CATALOG[key].errno)).not.toBe('EUNKNOWN');
    }
  });
});
