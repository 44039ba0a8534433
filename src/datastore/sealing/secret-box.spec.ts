import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Password } from '../../common/index.js';
import { SecretBox } from './secret-box.js';

function keyFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dispatcher-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'key');
}

const value = { login: [{ password: new Password('hunter2'), since: new Date(5), n: 2n ** 60n }] };

describe('A secret box', () => {
  it('gives back what it sealed, also after a restart', () => {
    const file = keyFile();
    const sealed = SecretBox.open(file).seal(value);
    expect(sealed).not.toBeNull();
    expect(Buffer.from(sealed ?? '', 'base64').toString('latin1')).not.toContain('hunter2');
    const opened = SecretBox.open(file).unseal(sealed ?? '') as typeof value;
    expect(opened.login[0]?.password.reveal()).toBe('hunter2');
    expect(opened.login[0]?.since).toEqual(new Date(5));
    expect(opened.login[0]?.n).toBe(2n ** 60n);
  });

  it('seals nothing that holds no password, and nothing twice alike', () => {
    const box = SecretBox.ephemeral();
    expect(box.seal([{ a: 1, b: ['x'] }, null])).toBeNull();
    expect(box.seal(value)).not.toBe(box.seal(value));
  });

  it('refuses what another sealed and what was changed', () => {
    const box = SecretBox.ephemeral();
    const sealed = box.seal(value) ?? '';
    expect(() => SecretBox.ephemeral().unseal(sealed)).toThrow();
    const changed = Buffer.from(sealed, 'base64');
    changed[changed.length - 1]! ^= 1;
    expect(() => box.unseal(changed.toString('base64'))).toThrow();
  });

  it('keeps its key where only its user can read it', () => {
    const file = keyFile();
    SecretBox.open(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const key = readFileSync(file, 'utf8');
    SecretBox.open(file);
    expect(readFileSync(file, 'utf8')).toBe(key);
  });

  it('names a file that is no key', () => {
    const file = keyFile();
    writeFileSync(file, 'nonsense');
    expect(() => SecretBox.open(file)).toThrow(`${file} holds no key`);
    expect(() => SecretBox.open(join(file, 'below'))).toThrow(/Cannot (?:read|write) the key/);
  });

  it('opens the key of a cluster, which is never made here', () => {
    const file = keyFile();
    expect(() => SecretBox.openShared(file)).toThrow(`dispatcher.cluster.key: ENOENT`);
    writeFileSync(file, SecretBox.newKey(), { mode: 0o600 });
    const sealed = SecretBox.openShared(file).seal(value) ?? '';
    expect(SecretBox.openShared(file).unseal(sealed)).toMatchObject({ login: [{ n: 2n ** 60n }] });
    chmodSync(file, 0o644);
    expect(() => SecretBox.openShared(file)).toThrow(
      `dispatcher.cluster.key: ${file} is open to others (mode 0644): chmod 600 ${file}`,
    );
    writeFileSync(file, 'c2hvcnQ=\n');
    chmodSync(file, 0o600);
    expect(() => SecretBox.openShared(file)).toThrow(
      `${file} holds no key of 32 bytes in base64: copy it from another node`,
    );
  });

  it('takes the key of a server that was alone for that of a cluster', () => {
    const file = keyFile();
    const sealed = SecretBox.open(file).seal(value) ?? '';
    expect(SecretBox.openShared(file).unseal(sealed)).toMatchObject({ login: [{ n: 2n ** 60n }] });
  });

  it('tells equal values from others by a digest that gives no password away', () => {
    const box = SecretBox.ephemeral();
    const login = (password: string) => ['x', { password: new Password(password) }];
    expect(box.digest(login('a'))).toBe(box.digest(login('a')));
    expect(box.digest(login('a'))).not.toBe(box.digest(login('b')));
    expect(SecretBox.ephemeral().digest(login('a'))).not.toBe(box.digest(login('a')));
  });
});
