import { describe, expect, it } from 'vitest';
import { parseKmsg } from './kmsg-record.js';

describe('a record of /dev/kmsg', () => {
  it('of the kernel has priority, number, time since the start and text', () => {
    expect(parseKmsg('5,0,0,-;Linux version 6.18.44 (builder@host) #1 SMP @0\n')).toEqual({
      sequence: 0,
      priority: 5,
      facility: 0,
      identifier: null,
      uptimeMicros: 0,
      text: 'Linux version 6.18.44 (builder@host) #1 SMP @0',
    });
  });

  it('of a program carries its facility', () => {
    expect(parseKmsg('12,341,12479666009,-;hello\n')).toMatchObject({
      priority: 4,
      facility: 1,
      uptimeMicros: 12_479_666_009,
      text: 'hello',
    });
  });

  it('leaves out the lines about the device, and flags it does not know', () => {
    const text =
      '6,339,5140900,c,caller=T66;NET: Registered; family 10\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03:00\n';
    expect(parseKmsg(text)?.text).toBe('NET: Registered; family 10');
  });

  it('has the escaped bytes back as the letters they make', () => {
    expect(parseKmsg('6,1,1,-;a\\x5cb \\xc3\\xa9\\xe2\\x82\\xac\\x0aend\n')?.text).toBe(
      'a\\b é€\nend',
    );
  });

  it.each(['', ' SUBSYSTEM=acpi', '6,1;text', 'x,1,2,-;text', '6,1,2\n;x'])('is not %j', (text) => {
    expect(parseKmsg(text)).toBeNull();
  });
});
