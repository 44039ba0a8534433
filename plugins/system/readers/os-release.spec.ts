import { describe, expect, it } from 'vitest';
import { parseOsRelease } from './os-release.js';

describe('os-release', () => {
  it('gives identifier, name, version and codename', () => {
    const text = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
`;
    expect(parseOsRelease(text)).toEqual({
      id: 'debian',
      name: 'Debian GNU/Linux',
      version: '12',
      codename: 'bookworm',
    });
  });

  it('has no version in a rolling release', () => {
    const text = "NAME='Arch Linux'\nID=arch\nBUILD_ID=rolling\n";
    expect(parseOsRelease(text)).toEqual({
      id: 'arch',
      name: 'Arch Linux',
      version: null,
      codename: null,
    });
  });

  it('takes escapes out of double quotes only', () => {
    expect(parseOsRelease(String.raw`NAME="A \"B\" \$C"`).name).toBe('A "B" $C');
    expect(parseOsRelease(String.raw`NAME='A \"B'`).name).toBe(String.raw`A \"B`);
  });

  it('skips comments and lines that are no assignment, and falls back to the defaults', () => {
    const text = '# NAME=No\nNAME\n=x\nname=lower\n__proto__=x\n';
    expect(parseOsRelease(text)).toMatchObject({ id: 'linux', name: 'Linux' });
  });
});
