import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Logger } from '../sdk/index.js';
import { type Discovery, discoverPlugins } from './plugin-discovery.js';

let root: string;
let complaints: string[];

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'discovery-')));
  complaints = [];
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function put(...paths: string[]): void {
  for (const path of paths) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
  }
}

function discover(...directories: string[]): Promise<Discovery> {
  const complain = (level: string) => (message: string) => complaints.push(`${level}: ${message}`);
  const logger = { warn: complain('warn'), error: complain('error') } as unknown as Logger;
  return discoverPlugins(
    directories.map((path) => ({ path: join(root, path), isShipped: path === 'shipped' })),
    logger,
  );
}

describe('discoverPlugins', () => {
  it('finds folders with an index file and single files, in TypeScript and JavaScript', async () => {
    put('p/a/index.ts', 'p/b/index.js', 'p/c.ts', 'p/d.js');
    const { plugins, duplicates } = await discover('p');
    expect([...plugins.values()]).toEqual([
      { name: 'a', directory: join(root, 'p/a'), entry: join(root, 'p/a/index.ts') },
      { name: 'b', directory: join(root, 'p/b'), entry: join(root, 'p/b/index.js') },
      { name: 'c', directory: join(root, 'p'), entry: join(root, 'p/c.ts') },
      { name: 'd', directory: join(root, 'p'), entry: join(root, 'p/d.js') },
    ]);
    expect(duplicates).toEqual([]);
  });

  it('takes no notice of declarations, tests, maps, hidden, disabled and empty folders', async () => {
    put('p/a.d.ts', 'p/a.spec.ts', 'p/a.test.js', 'p/a.js.map', 'p/.b.ts', 'p/README.md');
    put('p/disabled/index.ts', 'p/node_modules/index.js', 'p/lib/other.ts');
    expect([...(await discover('p')).plugins]).toEqual([]);
  });

  it('prefers a source to what was compiled from it', async () => {
    put('p/a/index.ts', 'p/a/index.js', 'p/b.ts', 'p/b.js');
    const { plugins, duplicates } = await discover('p');
    expect([...plugins.values()].map(({ entry }) => entry)).toEqual([
      join(root, 'p/a/index.ts'),
      join(root, 'p/b.ts'),
    ]);
    expect(duplicates).toEqual([]);
  });

  it('gives a name to the first directory that has it and reports the later one', async () => {
    put('p/a/index.ts', 'q/a.ts', 'q/b.ts');
    const { plugins, duplicates } = await discover('p', 'q');
    expect(plugins.get('a')?.entry).toBe(join(root, 'p/a/index.ts'));
    expect(plugins.has('b')).toBe(true);
    expect(duplicates).toEqual([
      {
        name: 'a',
        directory: join(root, 'q'),
        entry: join(root, 'q/a.ts'),
        error: `the name is already taken by ${join(root, 'p/a/index.ts')}`,
      },
    ]);
  });

  it('is not disturbed by the same directory named twice or linked', async () => {
    put('p/a/index.ts');
    symlinkSync(join(root, 'p'), join(root, 'link'));
    const { plugins, duplicates } = await discover('p', 'p', 'link');
    expect(plugins.size).toBe(1);
    expect(duplicates).toEqual([]);
  });

  it('warns of a configured directory that is missing; a missing shipped one is an error', async () => {
    put('p/a.ts');
    const { plugins } = await discover('missing', 'shipped', 'p');
    expect(plugins.size).toBe(1);
    expect(complaints).toEqual(
      ['warn missing', 'error shipped'].map((words) => {
        const [level, name = ''] = words.split(' ');
        const sentence = `${level}: Plugin directory ${join(root, name)} cannot be read: ENOENT`;
        return expect.stringContaining(sentence) as string;
      }),
    );
  });
});
