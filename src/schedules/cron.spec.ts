import { describe, expect, it } from 'vitest';
import { CronLine } from './cron.js';

describe('a line of cron', () => {
  it.each([
    ['', 'five fields'],
    ['nonsense', 'five fields'],
    ['* * * *', 'five fields'],
    ['* * * * * *', 'five fields'],
    ['2026-01-01T00:00:00', 'five fields'],
    ['@reboot', 'five fields'],
    ['61 * * * *', '61'],
    ['* * * 13 *', '13'],
    ['a b c d e', 'no line of cron'],
    ['0 0 30 2 *', 'no such day'],
    ['0 0 31 4,6 *', 'no such day'],
    [`${'1,'.repeat(200)}1 * * * *`, 'five fields'],
  ])('is refused when it is %j', (line, reason) => {
    expect(() => new CronLine(line, 'UTC')).toThrow(reason);
  });

  it.each(['', 'Mars/Olympus', 'x'.repeat(1_000), '__proto__'])('has no zone %j', (zone) => {
    expect(() => new CronLine('0 0 * * *', zone)).toThrow('There is no time zone');
  });
});
