import { describe, expect, it } from 'vitest';
import { parseSyslogLine } from './syslog-line.js';

const NOW = new Date('2026-01-05T12:00:00Z');
const parse = (line: string) => parseSyslogLine(line, NOW);

describe('a line of syslog', () => {
  it('in the old form has a time of this year, or of the last when it would be ahead', () => {
    expect(parse('Jan  4 09:05:07 nas sshd[812]: Accepted key for root')).toEqual({
      sequence: null,
      priority: null,
      facility: null,
      identifier: 'sshd',
      timestamp: new Date(2026, 0, 4, 9, 5, 7),
      text: 'Accepted key for root',
    });
    expect(parse('Dec 31 23:59:59 nas cron: x').timestamp).toEqual(
      new Date(2025, 11, 31, 23, 59, 59),
    );
  });

  it('in the new form has the whole time', () => {
    expect(
      parse('2026-01-04T09:05:07.25+01:00 nas kernel: [  1.5] usb 1-1: new device'),
    ).toMatchObject({
      identifier: 'kernel',
      timestamp: new Date('2026-01-04T08:05:07.250Z'),
      text: '[  1.5] usb 1-1: new device',
    });
  });

  it('may have no writer', () => {
    expect(parse('Jan  4 09:05:07 nas last message repeated 2 times')).toMatchObject({
      identifier: null,
      text: 'last message repeated 2 times',
    });
  });

  it('of another form is a text of now', () => {
    expect(parse('anything')).toMatchObject({ timestamp: NOW, text: 'anything', identifier: null });
    expect(parse('2026-99-99Tx nas a: b').timestamp).toEqual(NOW);
  });
});
