import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfigurationFile } from './configuration-file.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dispatcher-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('the configuration file', () => {
  it('may be absent when nobody named it', () => {
    const choice = { kind: 'default', path: join(folder, 'absent.conf') } as const;
    expect(readConfigurationFile(choice)).toEqual({ source: null, document: {} });
  });

  it('must be there when it was named', () => {
    const path = join(folder, 'absent.conf');
    expect(() => readConfigurationFile({ kind: 'named', path })).toThrow(
      `${path}: cannot be read: there is no such file`,
    );
  });

  it.each(['named', 'default'] as const)('that cannot be read says why (%s)', (kind) => {
    expect(() => readConfigurationFile({ kind, path: folder })).toThrow(
      `${folder}: cannot be read: it is a folder`,
    );
    const below = join(write('file.conf', '{}'), 'x.conf');
    expect(() => readConfigurationFile({ kind, path: below })).toThrow(
      `${below}: cannot be read: a part of the path is not a folder`,
    );
  });

  it('may start with a byte order mark', () => {
    const path = write('bom.conf', '\uFEFF{"cli": 1}');
    expect(readConfigurationFile({ kind: 'named', path })).toEqual({
      source: path,
      document: { cli: 1 },
    });
  });

  it('does not move the column of an error by its byte order mark', () => {
    const path = write('bom-error.conf', '\uFEFF{"cli" 1}');
    expect(() => readConfigurationFile({ kind: 'named', path })).toThrow(`${path}:1:8: expected`);
  });

  it('must be UTF-8', () => {
    const path = write('latin1.conf', Buffer.from('{"cli": "\xe9"}', 'latin1'));
    expect(() => readConfigurationFile({ kind: 'named', path })).toThrow(
      `${path}: is not UTF-8 text`,
    );
  });
});
