import { describe, expect, it } from 'vitest';
import {
  interfaceState,
  interfaceType,
  macAddress,
  parseNetDev,
  speedMbps,
} from './interface-files.js';

const ETHERNET = 1;

function typeOf(traits: { hardwareType?: number; uevent?: string; entries?: string[] }) {
  const { hardwareType = ETHERNET, uevent = '', entries = [] } = traits;
  return interfaceType({ hardwareType, uevent, entries: new Set(entries) });
}

describe('the type of an interface', () => {
  it('is the one that the driver names', () => {
    const uevent = (devtype: string) => `DEVTYPE=${devtype}\nINTERFACE=x\nIFINDEX=3\n`;
    expect(typeOf({ uevent: uevent('bridge') })).toBe('bridge');
    expect(typeOf({ uevent: uevent('wlan'), entries: ['device'] })).toBe('wireless');
    expect(typeOf({ uevent: uevent('wireguard'), hardwareType: 0xfffe })).toBe('tunnel');
  });

  it('is told from its folder and hardware type where the driver names none', () => {
    expect(typeOf({ entries: ['device', 'queues'] })).toBe('ethernet');
    expect(typeOf({ entries: ['device', 'phy80211'] })).toBe('wireless');
    expect(typeOf({ entries: ['tun_flags'] })).toBe('tunnel');
    expect(typeOf({ hardwareType: 772 })).toBe('loopback');
    expect(typeOf({ hardwareType: 778 })).toBe('tunnel');
    expect(typeOf({ hardwareType: 32, entries: ['device'] })).toBe('other');
  });

  it('is virtual without hardware behind it, and with a type that is not known yet', () => {
    expect(typeOf({})).toBe('virtual');
    expect(typeOf({ uevent: 'DEVTYPE=veth2000\n' })).toBe('virtual');
  });
});

describe('the files of an interface', () => {
  it('give a state that is one of the known ones', () => {
    expect(interfaceState('lowerlayerdown')).toBe('lowerlayerdown');
    expect(interfaceState('sideways')).toBe('unknown');
    expect(interfaceState(null)).toBe('unknown');
  });

  it('give a hardware address unless it is all zeroes', () => {
    expect(macAddress('0A:00:27:00:00:00')).toBe('0a:00:27:00:00:00');
    expect(macAddress('00:00:00:00:00:00')).toBeNull();
    expect(macAddress('')).toBeNull();
    expect(macAddress(null)).toBeNull();
  });

  it('give a speed unless the driver does not know it', () => {
    expect(speedMbps('1000')).toBe(1000);
    for (const unknown of ['-1', '0', '4294967295', 'fast', null]) {
      expect(speedMbps(unknown)).toBeNull();
    }
  });
});

describe('/proc/net/dev', () => {
  const HEADING = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

  it('gives the counters of each interface in both directions', () => {
    const text = `${HEADING}    lo: 100 10 1 2 0 0 0 0 200 20 3 4 0 0 0 0
eth0.5:9007199254740991       0    0    0    0     0          0         0 5 0 0 0 0 0 0 0
`;
    const counters = parseNetDev(text);
    expect([...counters.keys()]).toEqual(['lo', 'eth0.5']);
    expect(counters.get('lo')).toEqual({
      received: { bytes: 100, packets: 10, errors: 1, dropped: 2 },
      sent: { bytes: 200, packets: 20, errors: 3, dropped: 4 },
    });
    expect(counters.get('eth0.5')?.received.bytes).toBe(9_007_199_254_740_991);
  });

  it('skips lines of another form, long ones without delay', () => {
    const text = `${HEADING}eth0: 1 2 3\nbroken\n: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\neth1:${'1'.repeat(50_000)}x\n`;
    expect(parseNetDev(text).size).toBe(0);
  });
});
