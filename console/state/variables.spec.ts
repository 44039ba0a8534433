import { describe, expect, it, vi } from 'vitest';

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined });
const { filledIn } = await import('./variables.js');

const KNOWN = [
  { name: 'pool', value: 'tank' },
  { name: 'size', value: '12' },
  { name: '__proto__', value: 'x' },
];

describe('variables in a saved call', () => {
  it('are put into texts, and give their JSON where nothing else stands there', () => {
    const args = [{ name: '{{pool}}/home', size: '{{size}}', tags: ['{{pool}}', 7, null] }];
    expect(filledIn(args, KNOWN)).toEqual([
      { name: 'tank/home', size: 12, tags: ['tank', 7, null] },
    ]);
  });

  it('that nobody has set stay as they are written', () => {
    expect(filledIn(['{{other}} and {{pool}}', '{{constructor}}'], KNOWN)).toEqual([
      '{{other}} and tank',
      '{{constructor}}',
    ]);
  });
});
