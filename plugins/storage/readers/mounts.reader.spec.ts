import { describe, expect, it } from 'vitest';
import { parseMountInfo } from './mountinfo.js';
import { readMounts, visibleIds } from './mounts.reader.js';

describe('the list of mounts', () => {
  it('asks for the size of the last mount at a place only', () => {
    const mounts = parseMountInfo(
      [
        '25 24 0:23 / /dev/shm rw - tmpfs tmpfs rw',
        '27 1 8:1 / / rw - ext4 /dev/sda1 rw',
        '30 25 0:27 / /dev/shm rw - tmpfs tmpfs rw',
      ].join('\n'),
    );
    expect([...visibleIds(mounts)]).toEqual([30, 27]);
  });

  it('is complete when no size is to be had', async () => {
    const mounts = await readMounts({ read: () => Promise.resolve(null) });
    expect(mounts.find(({ target }) => target === '/')).toMatchObject({ capacity: null });
  });
});
