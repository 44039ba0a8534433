import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { groupAddresses } from './interfaces.reader.js';

const info = (address: string, cidr: string | null): NetworkInterfaceInfo => ({
  family: 'IPv4',
  address,
  cidr,
  netmask: '',
  mac: '',
  internal: false,
});

describe('addresses', () => {
  it('with a label belong to the interface before the colon', () => {
    const groups = groupAddresses({
      eth0: [info('10.0.0.1', '10.0.0.1/24')],
      'eth0:backup': [info('10.0.0.2', '10.0.0.2/32')],
    });
    expect([...groups]).toEqual([
      [
        'eth0',
        [
          { family: 'ipv4', address: '10.0.0.1', prefix_length: 24 },
          { family: 'ipv4', address: '10.0.0.2', prefix_length: 32 },
        ],
      ],
    ]);
  });

  it('with a netmask that has holes have no prefix', () => {
    const groups = groupAddresses({ eth0: [info('10.0.0.1', null)] });
    expect(groups.get('eth0')?.[0]?.prefix_length).toBe(0);
  });
});
