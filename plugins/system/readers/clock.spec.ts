import { describe, expect, it } from 'vitest';
import { utcOffsetMinutes, zoneOfLink } from './clock.js';

describe('the time zone behind /etc/localtime', () => {
  it.each([
    ['/usr/share/zoneinfo/Europe/Prague', 'Europe/Prague'],
    ['../usr/share/zoneinfo/America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['/usr/share/zoneinfo/posix/UTC', 'UTC'],
  ])('of the link %s is %s', (target, zone) => {
    expect(zoneOfLink(target)).toBe(zone);
  });

  it.each([null, '', '/etc/my-zone', '/usr/share/zoneinfo/', '/usr/share/zoneinfo/Mars/Base'])(
    'is not known for the link %s',
    (target) => {
      expect(zoneOfLink(target)).toBeNull();
    },
  );
});

describe('the offset from UTC', () => {
  const winter = new Date('2024-01-15T12:00:00Z');
  const summer = new Date('2024-07-15T12:00:00Z');

  it('follows daylight saving time', () => {
    expect(utcOffsetMinutes('Europe/Prague', winter)).toBe(60);
    expect(utcOffsetMinutes('Europe/Prague', summer)).toBe(120);
  });

  it('may be negative, zero or no full hours', () => {
    expect(utcOffsetMinutes('America/St_Johns', winter)).toBe(-210);
    expect(utcOffsetMinutes('UTC', winter)).toBe(0);
    expect(utcOffsetMinutes('Asia/Kathmandu', winter)).toBe(345);
  });
});
