import { describe, expect, it } from 'vitest';
import { parseStatOutput, toCapacity } from './capacity.js';
import { reachOf } from './file-system-types.js';

describe('the size of a file system', () => {
  const figures = {
    blockSize: 4096,
    blocks: 100,
    freeBlocks: 40,
    availableBlocks: 35,
    inodes: 50,
    freeInodes: 20,
  };

  it('is told in bytes, with what only root may use counted as free but not as available', () => {
    expect(toCapacity(figures)).toEqual({
      total_bytes: 409_600,
      used_bytes: 245_760,
      free_bytes: 163_840,
      available_bytes: 143_360,
      total_inodes: 50,
      free_inodes: 20,
    });
  });

  it('is none without blocks', () => {
    expect(toCapacity({ ...figures, blocks: 0 })).toBeNull();
  });

  it('has nothing available rather than less, when the reserve is used up', () => {
    expect(toCapacity({ ...figures, availableBlocks: -5 })?.available_bytes).toBe(0);
  });

  it('is read from the line of the stat program, and from no other line', () => {
    expect(parseStatOutput('4096 100 40 35 50 20\n')).toEqual(figures);
    for (const line of ['', '4096 100', 'stat: cannot read', '4096 100 40 35 50 20 1\n']) {
      expect(parseStatOutput(line)).toBeNull();
    }
  });
});

describe('a file system', () => {
  it.each(['nfs', 'nfs4', 'cifs', 'fuse', 'fuse.sshfs', '9p'])('%s may never answer', (type) => {
    expect(reachOf(type)).toBe('remote');
  });

  it.each(['ext4', 'xfs', 'zfs', 'tmpfs', 'nfsd', 'fusectl2'])('%s is near', (type) => {
    expect(reachOf(type)).toBe('local');
  });

  it.each(['autofs', 'proc', 'cgroup2', 'fusectl'])('%s has no size', (type) => {
    expect(reachOf(type)).toBe('none');
  });
});
