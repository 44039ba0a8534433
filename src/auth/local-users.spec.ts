import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PasswdUsers } from './local-users.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'passwd-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('the accounts of the machine', () => {
  it('are those of the passwd file, by their whole name', async () => {
    const path = join(directory, 'passwd');
    writeFileSync(path, 'root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/:\nodd:x::1::\n+nis\n');
    const users = new PasswdUsers(path);
    expect(await users.uidOf('root')).toBe(0);
    expect(await users.uidOf('ann')).toBe(1000);
    for (const name of ['roo', 'odd', '+nis', '', 'root:x']) {
      expect(await users.uidOf(name)).toBeNull();
    }
  });

  it('are none when there is no such file', async () => {
    expect(await new PasswdUsers(join(directory, 'missing')).uidOf('root')).toBeNull();
  });

  it('cannot be told when the file cannot be read, and that is an error', async () => {
    await expect(new PasswdUsers(directory).uidOf('root')).rejects.toMatchObject({
      code: 'EISDIR',
    });
  });
});
