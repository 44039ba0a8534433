import { describe, expect, it } from 'vitest';
import { addressGroup } from './peer-address.js';

describe('an address', () => {
  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['192.0.2.7', '192.0.2.7'],
    ['unknown@192.0.2.1', 'unknown@192.0.2.1'],
  ])('%s counts as one of %s', (ip, group) => {
    expect(addressGroup(ip)).toBe(group);
  });
});
