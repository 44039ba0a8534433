import { describe, expect, it } from 'vitest';
import { mountChanges } from './mount-changes.js';
import { parseMountInfo } from './mountinfo.js';

const ROOT = '27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,errors=remount-ro';
const SHM = '42 27 0:39 / /dev/shm rw,relatime - tmpfs none rw';
const STICK = '43 27 8:17 / /mnt/stick rw,nosuid - vfat /dev/sdb1 rw';

/** Changes between two texts of mountinfo, in short. */
function changes(before: readonly string[], after: readonly string[]): string[] {
  const parsed = [before, after].map((lines) => parseMountInfo(lines.join('\n')));
  return mountChanges(parsed[0]!, parsed[1]!).map(({ change, target }) => `${change} ${target}`);
}

describe('two readings of the mounts', () => {
  it('that are alike tell nothing', () => {
    expect(changes([ROOT, SHM], [ROOT, SHM])).toEqual([]);
  });

  it('tell what came with all that is known of it', () => {
    const mounts = parseMountInfo(STICK);
    expect(mountChanges([], mounts)).toEqual([{ ...mounts[0], change: 'added' }]);
  });

  it('tell what went before what came, the innermost first', () => {
    expect(changes([ROOT, SHM, STICK], [ROOT])).toEqual(['removed /mnt/stick', 'removed /dev/shm']);
    expect(changes([ROOT, SHM], [ROOT, STICK])).toEqual(['removed /dev/shm', 'added /mnt/stick']);
  });

  it('tell of new options, of the mount and of its file system, and of a new place', () => {
    expect(changes([STICK], [STICK.replace('rw,nosuid', 'ro,nosuid')])).toEqual([
      'changed /mnt/stick',
    ]);
    expect(changes([STICK], [STICK.replace('sdb1 rw', 'sdb1 rw,flush')])).toEqual([
      'changed /mnt/stick',
    ]);
    expect(changes([STICK], [STICK.replace('/mnt/stick', '/media/x')])).toEqual([
      'changed /media/x',
    ]);
  });

  it('are not deceived by an id that was given to another mount meanwhile', () => {
    expect(changes([SHM], [SHM.replace('none', 'other').replace('/dev/shm', '/mnt/x')])).toEqual([
      'removed /dev/shm',
      'added /mnt/x',
    ]);
    expect(changes([SHM], [STICK.replace('43', '42')])).toEqual([
      'removed /dev/shm',
      'added /mnt/stick',
    ]);
  });
});
