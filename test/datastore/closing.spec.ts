import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatastore } from '../../src/datastore/index.js';
import { DATASTORE_DRIVERS } from '../../src/server/datastore-drivers.js';

const ROWS = Array.from({ length: 150 }, (_, n) => ({ n, text: 'x'.repeat(500) }));

describe('a closed store', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'closing-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is one file again, which this process does not hold open, whatever was read', async () => {
    for (const round of ['first', 'again']) {
      const store = await openDatastore(
        { driver: 'sqlite', dsn: join(folder, 'store.db') },
        { drivers: DATASTORE_DRIVERS },
      );
      await store.requireCollection('c', { key: 'serial', indexes: ['n'] });
      await store.insertMany('c', ROWS);
      await store.getById('c', 1);
      await store.query('c', [['n', '=', 7]]);
      await store.query('c', [['n', '>', 7]], { sort: 'n', dir: 'desc', limit: 3 });
      await store.count('c');
      await store.close();
      expect(openIn(folder), round).toEqual([]);
      expect(readdirSync(folder), round).toEqual(['store.db']);
    }
  });
});

/** The files below a folder that this process has open. */
function openIn(folder: string): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const path = readlinkSync(join('/proc/self/fd', descriptor));
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return []; // closed meanwhile
    }
  });
}
