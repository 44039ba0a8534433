import { describe, expect, it } from 'vitest';
import { parseIpv4Routes, parseIpv6Routes } from './route-tables.js';

const HEADING =
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT      ';

describe('/proc/net/route', () => {
  it('gives the default route with its gateway and a link route without one', () => {
    const text = `${HEADING}
eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0000A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
`;
    expect(parseIpv4Routes(text, 'LE')).toEqual([
      {
        family: 'ipv4',
        type: 'unicast',
        destination: '0.0.0.0',
        prefix_length: 0,
        gateway: '192.168.0.1',
        interface: 'eth0',
        metric: 100,
      },
      {
        family: 'ipv4',
        type: 'unicast',
        destination: '192.168.0.0',
        prefix_length: 24,
        gateway: null,
        interface: 'eth0',
        metric: 100,
      },
    ]);
  });

  it('gives a refused destination without an interface', () => {
    const text = '*\t0000000A\t00000000\t0201\t0\t0\t5\t000000FF\t0\t0\t0';
    expect(parseIpv4Routes(text, 'LE')).toMatchObject([
      { type: 'unreachable', destination: '10.0.0.0', prefix_length: 8, interface: null },
    ]);
  });

  it.each([
    ['', 'nothing'],
    [HEADING, 'the heading'],
    ['eth0\t00000000\t0100A8C0\t0000\t0\t0\t0\t00000000\t0\t0\t0', 'a route that is not up'],
    ['eth0\t0000\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0', 'a short address'],
    ['eth0 00000000 0100A8C0 0003 0 0 0 00000000 0 0 0', 'spaces for tabs'],
    ['eth0\tZZZZZZZZ\t0100A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0', 'no hexadecimal'],
  ])('of the text %j (%s, %s) gives no route', (text) => {
    expect(parseIpv4Routes(text, 'LE')).toEqual([]);
  });
});

const NONE = '0'.repeat(32);
const line = (destination: string, prefix: string, rest: string): string =>
  `${destination} ${prefix} ${NONE} 00 ${rest}`;

const DEFAULT = line(
  NONE,
  '00',
  'fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0',
);

describe('/proc/net/ipv6_route', () => {
  it('gives the default route and link routes', () => {
    const link = line(
      `fe80${'0'.repeat(28)}`,
      '40',
      `${NONE} 00000100 00000001 00000000 00000001     eth0`,
    );
    expect(parseIpv6Routes(`${DEFAULT}\n${link}\n`)).toEqual([
      {
        family: 'ipv6',
        type: 'unicast',
        destination: '::',
        prefix_length: 0,
        gateway: 'fd00::1',
        interface: 'eth0',
        metric: 1024,
      },
      {
        family: 'ipv6',
        type: 'unicast',
        destination: 'fe80::',
        prefix_length: 64,
        gateway: null,
        interface: 'eth0',
        metric: 256,
      },
    ]);
  });

  it('leaves out what the kernel keeps for itself', () => {
    const local = line(NONE, '80', `${NONE} 00000000 00000002 00000000 80200001       lo`);
    const anycast = line(NONE, '80', `${NONE} 00000000 00000002 00000000 00100001     eth0`);
    const multicast = line(
      `ff${'0'.repeat(30)}`,
      '08',
      `${NONE} 00000100 00000003 00000000 00000001     eth0`,
    );
    const end = line(NONE, '00', `${NONE} ffffffff 00000001 00000000 00200200       lo`);
    expect(parseIpv6Routes([local, anycast, multicast, end].join('\n'))).toEqual([]);
  });

  it('gives a refused destination', () => {
    const refused = line(
      `fd${'0'.repeat(30)}`,
      '08',
      `${NONE} 00000400 00000001 00000000 00200201       lo`,
    );
    expect(parseIpv6Routes(refused)).toMatchObject([
      { type: 'unreachable', destination: 'fd00::', interface: null, metric: 1024 },
    ]);
  });

  it.each(['', 'x', DEFAULT.slice(1), DEFAULT.replace('eth0', ''), DEFAULT.replaceAll(' ', '\t')])(
    'skips %j, which has another form',
    (text) => {
      expect(parseIpv6Routes(text)).toEqual([]);
    },
  );
});
