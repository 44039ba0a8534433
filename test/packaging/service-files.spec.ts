import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const unitFile = (name: string): string => join(ROOT, 'packaging/systemd', name);
const UNITS = ['dispatcher.service', 'dispatcher-etcd.service'];
const MAIN = join(ROOT, 'dist/src/main.js');
/** From 0 to 10: what systemd itself calls well sandboxed ends at 4. */
const MAX_EXPOSURE = 40;
const hasAnalyze = spawnSync('which', ['systemd-analyze']).status === 0;

const text = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

function analyze(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe.each(UNITS)('the unit %s', (name) => {
  it.skipIf(!hasAnalyze)('is understood by systemd, line by line', () => {
    // only what it says about this unit: the machine's own units are not the point
    const { output } = analyze('verify', unitFile(name));
    expect(output.split('\n').filter((line) => line.includes(name))).toEqual([]);
  });

  it.skipIf(!hasAnalyze)('leaves the service little that it could do wrong', () => {
    const threshold = `--threshold=${MAX_EXPOSURE}`;
    const { status, output } = analyze('security', '--offline=true', threshold, unitFile(name));
    expect(status, output.split('\n').at(-2)).toBe(0);
  });

  it('gives a reason for every line of its sandbox', async () => {
    const [, sandbox = ''] = (await readFile(unitFile(name), 'utf8')).split(
      '# --- What the service cannot do',
    );
    const [lines = ''] = sandbox.split('[Install]');
    const settings = lines.split('\n').filter((line) => /^[A-Z]\w+=/.test(line));
    const comments = lines.split('\n').filter((line) => line.startsWith('# '));
    expect(settings.length).toBeGreaterThan(15);
    expect(comments.length).toBeGreaterThan(settings.length / 2);
  });
});

describe('the configuration that comes with', () => {
  it.each(['packaging/middleware.conf', 'packaging/container.conf'])('%s is valid', (file) => {
    const args = [MAIN, '-c', join(ROOT, file), '--check-config'];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toContain('is valid');
  });

  it('the package lets nobody in from elsewhere before somebody has decided so', async () => {
    const { dispatcher } = JSON.parse(await text('packaging/middleware.conf')) as {
      dispatcher: Record<string, unknown>;
    };
    expect(dispatcher['websocket-address']).toBe('127.0.0.1');
    expect(dispatcher['frontend-address']).toBe('127.0.0.1');
  });
});

// There is no container engine where the tests run: this looks for what makes a build fail.
describe('the Dockerfile', () => {
  const instructions = async (name: string): Promise<string[][]> =>
    (await text('packaging/Dockerfile'))
      .split('\n')
      .filter((line) => line.startsWith(`${name} `))
      .map((line) => line.split(/\s+/).slice(1));

  it('copies only what is there', async () => {
    const ignored = (await text('packaging/Dockerfile.dockerignore')).split('\n');
    for (const words of await instructions('COPY')) {
      if (words[0]?.startsWith('--from=') === true) continue;
      for (const source of words.slice(0, -1)) {
        expect(existsSync(join(ROOT, source)), source).toBe(true);
        expect(ignored).not.toContain(source.split('/')[0]);
      }
    }
  });

  it('takes from its first stage only what that stage has', async () => {
    const words = (await instructions('COPY')).filter(([first]) => first === '--from=build');
    const taken = words.map(([, source = '']) => source.replace('/build/', ''));
    expect(taken).toEqual(['package.json', 'node_modules', 'dist']);
  });

  it('runs a file that the build makes, with a Node.js that the package asks for', async () => {
    const [entry = []] = await instructions('ENTRYPOINT');
    const command = JSON.parse(entry.join(' ')) as string[];
    expect(command[0]).toBe('node');
    expect(existsSync(join(ROOT, command[1] ?? ''))).toBe(true);
    for (const [image = ''] of await instructions('FROM')) {
      expect(Number(/^node:(\d+)/.exec(image)?.[1])).toBeGreaterThanOrEqual(20);
    }
  });
});
