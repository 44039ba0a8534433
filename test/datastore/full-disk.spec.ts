import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Errno } from '../../src/common/index.js';
import { DATASTORE_DRIVERS } from '../../src/server/datastore-drivers.js';
import { openDatastore } from '../../src/datastore/index.js';

// A file system of four megabytes: a full disk that is full, not one that is imitated.
const folder = mkdtempSync(join(tmpdir(), 'full-'));
const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]);
const isMounted = status === 0;

afterAll(() => {
  if (isMounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true, force: true });
});

describe('a full disk', () => {
  it.skipIf(!isMounted)(
    'is ENOSPC, loses nothing, and is over when there is room again (needs the right to mount)',
    async () => {
      const store = await openDatastore(
        { driver: 'sqlite', dsn: join(folder, 'store.db') },
        { drivers: DATASTORE_DRIVERS },
      );
      await store.requireCollection('c', { key: 'given', unique: ['n'] });
      await store.insert('c', { id: 'before', n: 0 });
      const filler = join(folder, 'filler');
      writeFileSync(filler, Buffer.alloc(3 * 2 ** 20));

      const attempts = await Promise.allSettled(
        Array.from({ length: 60 }, (_, n) =>
          store.insert('c', { id: `r${n}`, n: n + 1, text: 'x'.repeat(40_000) }),
        ),
      );
      const failures = attempts.filter((attempt) => attempt.status === 'rejected');
      expect(failures.length).toBeGreaterThan(0);
      for (const { reason } of failures) {
        expect(reason).toMatchObject({
          code: Errno.ENOSPC,
          message: expect.stringContaining('disk is full') as string,
        });
      }

      rmSync(filler);
      const kept = attempts.flatMap((attempt) =>
        attempt.status === 'fulfilled' ? [String(attempt.value)] : [],
      );
      const ids = await store.query('c', null, { select: 'id' });
      expect((ids as unknown as string[]).toSorted()).toEqual(['before', ...kept].toSorted());
      await store.insert('c', { id: 'after', n: 1_000 });
      expect(await store.count('c')).toBe(kept.length + 2);
      await store.close();
    },
  );
});
