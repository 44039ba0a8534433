import { describe, expect, it } from 'vitest';
import { ipv4FromHex, ipv6FromHex, prefixLength } from './ip-addresses.js';

describe('addresses in the hexadecimal form of the kernel', () => {
  it('are read in the byte order of the machine', () => {
    expect(ipv4FromHex('0100A8C0', 'LE')).toBe('192.168.0.1');
    expect(ipv4FromHex('C0A80001', 'BE')).toBe('192.168.0.1');
  });

  it.each([
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['20010db8000000000000ff0000428329', '2001:db8::ff00:42:8329'],
    ['fe80000000000000020c29fffe63af5e', 'fe80::20c:29ff:fe63:af5e'],
  ])('%s is %s in the short form', (hex, address) => {
    expect(ipv6FromHex(hex)).toBe(address);
  });
});

describe('the length of a netmask', () => {
  it.each([
    ['0.0.0.0', 0],
    ['255.255.255.0', 24],
    ['255.255.240.0', 20],
    ['255.255.255.255', 32],
  ])('%s is %d', (netmask, length) => {
    expect(prefixLength(netmask)).toBe(length);
  });
});
