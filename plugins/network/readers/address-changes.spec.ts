import { describe, expect, it } from 'vitest';
import { addressChanges } from './address-changes.js';

const ONE = { family: 'ipv4', address: '10.0.0.1', prefix_length: 24 } as const;
const TWO = { family: 'ipv6', address: 'fe80::1', prefix_length: 64 } as const;

describe('two readings of the addresses', () => {
  it('that are alike tell nothing, whatever the order', () => {
    const table = new Map([['eth0', [ONE, TWO]]]);
    expect(addressChanges(table, new Map([['eth0', [TWO, ONE]]]))).toEqual([]);
  });

  it('tell what came and went on which interface', () => {
    const changes = addressChanges(new Map([['eth0', [ONE]]]), new Map([['eth1', [ONE, TWO]]]));
    expect(changes).toEqual([
      { interface: 'eth0', ...ONE, change: 'removed' },
      { interface: 'eth1', ...ONE, change: 'added' },
      { interface: 'eth1', ...TWO, change: 'added' },
    ]);
  });

  it('take another prefix for another address', () => {
    const wider = new Map([['eth0', [{ ...ONE, prefix_length: 16 }]]]);
    expect(addressChanges(new Map([['eth0', [ONE]]]), wider).map(({ change }) => change)).toEqual([
      'removed',
      'added',
    ]);
  });
});
