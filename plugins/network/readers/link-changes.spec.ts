import { describe, expect, it } from 'vitest';
import { linkChanges } from './link-changes.js';
import type { Link } from './links.reader.js';

const ETH: Link = {
  interface: 'eth0',
  index: 2,
  is_enabled: true,
  state: 'up',
  mac: '02:fc:00:00:00:01',
  mtu_bytes: 1500,
  master: null,
};
const LO: Link = {
  ...ETH,
  interface: 'lo',
  index: 1,
  state: 'unknown',
  mac: null,
  mtu_bytes: 65536,
};

const changes = (before: readonly Link[], after: readonly Link[]) =>
  linkChanges(before, after).map((change) => `${change.change} ${change.interface}`);

describe('two readings of the interfaces', () => {
  it('that are alike tell nothing', () => {
    expect(changes([LO, ETH], [{ ...ETH }, { ...LO }])).toEqual([]);
  });

  it('tell what went and what came, with its state', () => {
    expect(linkChanges([LO], [LO, ETH])).toEqual([
      { ...ETH, change: 'added', previous_name: null },
    ]);
    expect(linkChanges([LO, ETH], [LO])).toEqual([
      { ...ETH, change: 'removed', previous_name: null },
    ]);
  });

  it('take an interface of the same name with another number for another one', () => {
    expect(changes([ETH], [{ ...ETH, index: 3 }])).toEqual(['removed eth0', 'added eth0']);
  });

  it.each<[Partial<Link>, Partial<Link>, string]>([
    [{ state: 'down' }, { state: 'up' }, 'up'],
    [{ state: 'up' }, { state: 'lowerlayerdown' }, 'down'],
    [{ is_enabled: false, state: 'down' }, { is_enabled: true, state: 'unknown' }, 'up'],
    [{ is_enabled: true, state: 'unknown' }, { is_enabled: false, state: 'unknown' }, 'down'],
    [{ is_enabled: false, state: 'down' }, { is_enabled: true, state: 'down' }, 'changed'],
    [{ state: 'dormant' }, { state: 'lowerlayerdown' }, 'changed'],
    [{ mtu_bytes: 1500 }, { mtu_bytes: 9000 }, 'changed'],
    [{ master: null }, { master: 'br0' }, 'changed'],
    [{ mac: null }, { mac: '02:00:00:00:00:01' }, 'changed'],
  ])('from %j to %j is %j', (before, after, change) => {
    expect(changes([{ ...ETH, ...before }], [{ ...ETH, ...after }])).toEqual([`${change} eth0`]);
  });

  it('tell the old name of one that was renamed, and what else happened to it', () => {
    const renamed = { ...ETH, interface: 'lan', state: 'down' } as const;
    expect(linkChanges([ETH], [renamed])).toMatchObject([
      { change: 'renamed', interface: 'lan', previous_name: 'eth0' },
      { change: 'down', interface: 'lan', previous_name: null },
    ]);
  });
});
