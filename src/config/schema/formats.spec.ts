import { BlockList, isIP } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMATS } from './formats.js';

describe('the formats', () => {
  it.each([
    ['listen-address', ['::1', '0.0.0.0', 'fe80::1%eth0', 'localhost', 'nas.example.org', 'a-b']],
    ['network', ['10.0.0.0/8', '::1', 'fd00::/8', '1.2.3.4/32', '::/0']],
    [
      'origin',
      ['https://nas.example.org', 'http://10.0.0.1:8180', 'http://[::1]:1', 'app://desktop'],
    ],
    ['node-name', ['n1', 'nas-7', '0', 'a'.repeat(32)]],
    ['nats-server', ['nats://10.0.0.1', 'tls://nats1.example.org:4222', 'nats://[fd00::1]:1']],
  ] as const)('%s accepts %j', (format, values) => {
    expect(values.filter((value) => !FORMATS[format].accepts(value))).toEqual([]);
  });

  it.each([
    [
      'listen-address',
      ['', '127.0.0.256', '1.2.3', '[::1]', 'a b', '-a', 'a..b', 'http://a', 'a:1'],
    ],
    [
      'network',
      [
        '',
        '10.0.0.0/33',
        '::/129',
        '10.0.0.0/',
        '10/8',
        'fe80::1%eth0',
        '1.2.3.4/8/8',
        '1.2.3.4/-1',
      ],
    ],
    [
      'origin',
      [
        '',
        '*',
        'null',
        'nas.example.org',
        'https://A.example',
        'https://a:443',
        'https://u@a',
        'https://a?b',
      ],
    ],
    ['node-name', ['', 'a'.repeat(33), 'N1', 'a.b', 'a_b', 'a b', 'ä', '*', '>']],
    [
      'nats-server',
      [
        '',
        '10.0.0.1:4222',
        'http://a',
        'ws://a',
        'nats://',
        'nats://a:b@c',
        'nats://a/b',
        'nats://a:65536',
        'nats://a_b',
        'nats://1.2.3',
      ],
    ],
  ] as const)('%s refuses %j', (format, values) => {
    expect(values.filter((value) => FORMATS[format].accepts(value))).toEqual([]);
  });

  it('accept as a network only what a BlockList takes', () => {
    const entry = fc
      .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.option(fc.integer({ min: -1, max: 130 })))
      .map(([address, prefix]) => (prefix === null ? address : `${address}/${prefix}`));
    fc.assert(
      fc.property(entry, (value) => {
        fc.pre(FORMATS.network.accepts(value));
        const [address = '', prefix] = value.split('/');
        const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
        const list = new BlockList();
        if (prefix === undefined) list.addAddress(address, family);
        else list.addSubnet(address, Number(prefix), family);
        expect(list.check(address, family)).toBe(true);
      }),
    );
  });
});
