import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CompiledCode } from './compiled-code.js';

let root: string;
let folder: string;
let compiled: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'compiled-'));
  folder = join(root, 'state', 'compiled');
  compiled = [];
});
afterEach(() => rmSync(root, { recursive: true }));

/** As a new start of the server makes it. */
function start(): CompiledCode {
  return new CompiledCode(folder, (source, filename) => {
    compiled.push(filename);
    return `// ${source} é\n`;
  });
}

const entries = (): string[] => readdirSync(folder).map((name) => join(folder, name));

describe('Compiled code', () => {
  it('is made once for a file, and again when its text or its place changes', () => {
    expect(start().compile('a', '/p/x.ts')).toBe('// a é\n');
    expect(start().compile('a', '/p/x.ts')).toBe('// a é\n');
    expect(compiled).toEqual(['/p/x.ts']);
    expect(start().compile('b', '/p/x.ts')).toBe('// b é\n');
    expect(start().compile('a', '/p/y.ts')).toBe('// a é\n');
    expect(compiled).toEqual(['/p/x.ts', '/p/x.ts', '/p/y.ts']);
  });

  it('lies where nobody else can write or read', () => {
    start().compile('a', '/p/x.ts');
    const mode = (path: string): number => lstatSync(path).mode & 0o777;
    expect([mode(folder), ...entries().map(mode)]).toEqual([0o700, 0o600]);
  });

  it.each<[string, (entry: string) => void]>([
    ['is cut short', (entry) => truncateSync(entry, 70)],
    ['is empty', (entry) => truncateSync(entry, 0)],
    ['was changed', (entry) => writeFileSync(entry, `${readFileSync(entry, 'utf8')}evil()`)],
    ['others may write', (entry) => chmodSync(entry, 0o602)],
    [
      'is a link',
      (entry) => {
        const elsewhere = join(root, 'elsewhere');
        writeFileSync(elsewhere, readFileSync(entry), { mode: 0o600 });
        rmSync(entry);
        symlinkSync(elsewhere, entry);
      },
    ],
  ])('is made again when its entry %s, and kept again', (_, spoil) => {
    start().compile('a', '/p/x.ts');
    entries().forEach(spoil);
    expect(start().compile('a', '/p/x.ts')).toBe('// a é\n');
    expect(compiled).toHaveLength(2);
    start().compile('a', '/p/x.ts');
    expect(compiled).toHaveLength(2);
    expect(entries()).toHaveLength(1);
  });

  it.each<[string, () => void]>([
    ['others may write to', () => chmodSync(folder, 0o770)],
    [
      'is a link',
      () => {
        rmSync(folder, { recursive: true });
        mkdirSync(join(root, 'other'));
        symlinkSync(join(root, 'other'), folder);
      },
    ],
  ])('is not kept in a folder that %s', (_, spoil) => {
    mkdirSync(folder, { recursive: true });
    spoil();
    expect(start().compile('a', '/p/x.ts')).toBe('// a é\n');
    start().compile('a', '/p/x.ts');
    expect(compiled).toHaveLength(2);
    expect(entries()).toEqual([]);
  });

  it('is made all the same where nothing can be kept', () => {
    writeFileSync(join(root, 'state'), 'a file');
    expect(start().compile('a', '/p/x.ts')).toBe('// a é\n');
    rmSync(join(root, 'state'));
    const code = start();
    rmSync(folder, { recursive: true });
    expect(code.compile('a', '/p/x.ts')).toBe('// a é\n');
  });

  it('begins anew when changes have left too much of it', () => {
    start().compile('a', '/p/x.ts');
    for (let n = 0; n < 2_000; n += 1) writeFileSync(join(folder, String(n)), '');
    start();
    expect(entries()).toEqual([]);
  });

  it('fails as the compiler does, and keeps nothing then', () => {
    const code = new CompiledCode(folder, () => {
      throw new SyntaxError('no');
    });
    expect(() => code.compile('a', '/p/x.ts')).toThrow('no');
    expect(entries()).toEqual([]);
  });
});
