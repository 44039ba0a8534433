import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from 'tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const COMMAND = fileURLToPath(new URL('../../dist/src/cli/dispatcherctl.js', import.meta.url));
let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'plugin-install-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function run(...words: string[]) {
  const options = { encoding: 'utf8', timeout: 50_000, cwd: folder } as const;
  return spawnSync(process.execPath, [COMMAND, 'plugin', ...words, '--dir', 'plugins'], options);
}

interface Contents {
  readonly version?: string;
  readonly range?: string;
  readonly index?: string;
}

/** An archive as npm makes it, of a plugin of that version. */
function archive({ version = '1.0.0', range = '*', index = '// one' }: Contents = {}): string {
  const root = join(folder, 'package');
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root);
  const manifest = { name: '@acme/share', version, peerDependencies: { dispatcher: range } };
  writeFileSync(join(root, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(root, 'index.ts'), index);
  const file = join(folder, `share-${version}.tgz`);
  create({ file, cwd: folder, gzip: true, sync: true }, ['package']);
  return file;
}

const present = (): string => readFileSync(join(folder, 'plugins/share/index.ts'), 'utf8');

describe('plugin install', () => {
  it('installs, replaces, goes back and removes', () => {
    expect(run('install', archive()).stdout).toBe('share 1.0.0 is installed\n');
    expect(run('install', archive({ version: '1.1.0', index: '// two' })).status).toBe(0);
    expect(present()).toBe('// two');
    expect(run('list').stdout).toBe('share 1.1.0 (before: 1.0.0)\n');
    expect(run('rollback', 'share').status).toBe(0);
    expect(present()).toBe('// one');
    expect(run('remove', 'share').status).toBe(0);
    expect(readdirSync(join(folder, 'plugins'))).toEqual(['.installed']);
  });

  it('leaves what is there as it is when the new one cannot be had', () => {
    expect(run('install', archive()).status).toBe(0);
    const whole = readFileSync(archive({ version: '2.0.0', index: 'x'.repeat(5_000) }));
    writeFileSync(join(folder, 'cut.tgz'), whole.subarray(0, whole.length / 2));
    const refused = run('install', 'cut.tgz');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('is no whole archive');
    expect(run('install', archive({ version: '3.0.0', range: '^99.0.0' })).stderr).toContain(
      'is for dispatcher ^99.0.0',
    );
    expect(present()).toBe('// one');
  });

  it('takes away what a run that was cut short has left', () => {
    mkdirSync(join(folder, 'plugins/.installed/.draft-dead/deep'), { recursive: true });
    expect(run('list').status).toBe(0);
    expect(readdirSync(join(folder, 'plugins/.installed'))).toEqual([]);
  });

  it('refuses links and paths that lead out, and what others have put there', () => {
    symlinkSync('/etc/passwd', join(folder, 'link'));
    create({ file: join(folder, 'link.tgz'), cwd: folder, gzip: true, sync: true }, ['link']);
    expect(run('install', 'link.tgz').stderr).toContain('is a SymbolicLink');
    mkdirSync(join(folder, 'inner'));
    writeFileSync(join(folder, 'outside'), '');
    const out = { file: join(folder, 'out.tgz'), cwd: join(folder, 'inner'), preservePaths: true };
    create({ ...out, gzip: true, sync: true }, ['../outside']);
    expect(run('install', 'out.tgz').stderr).toContain('leads out');
    mkdirSync(join(folder, 'plugins/share'), { recursive: true });
    expect(run('install', archive()).stderr).toContain('was not put there by plugin install');
  });
});
