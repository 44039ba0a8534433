import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CapacityReader } from './capacity.reader.js';

const statfs = vi.hoisted(() => vi.fn());
vi.mock('node:fs/promises', async (original) => ({ ...(await original<object>()), statfs }));

const FIGURES = { bsize: 4096, blocks: 10, bfree: 5, bavail: 5, files: 3, ffree: 1 };

describe('the capacity reader', () => {
  beforeEach(() => {
    statfs.mockReset();
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  it('answers null in time for a file system that hangs, and does not ask it again', async () => {
    statfs.mockReturnValue(new Promise(() => undefined));
    const reader = new CapacityReader();
    const answers = Promise.all([reader.read('ext4', '/dead'), reader.read('ext4', '/dead')]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await answers).toEqual([null, null]);
    const later = reader.read('ext4', '/dead');
    await vi.advanceTimersByTimeAsync(1000);
    expect(await later).toBeNull();
    expect(statfs).toHaveBeenCalledTimes(1);
  });

  it('asks again once it has answered', async () => {
    statfs.mockResolvedValue(FIGURES);
    const reader = new CapacityReader();
    expect(await reader.read('ext4', '/')).toMatchObject({ total_bytes: 40_960 });
    expect(await reader.read('ext4', '/')).toMatchObject({ total_bytes: 40_960 });
    expect(statfs).toHaveBeenCalledTimes(2);
  });

  it('leaves no timer behind', async () => {
    statfs.mockResolvedValue(FIGURES);
    await new CapacityReader().read('ext4', '/');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('answers null for a mount that is gone', async () => {
    statfs.mockRejectedValue(new Error('ENOENT'));
    expect(await new CapacityReader().read('ext4', '/gone')).toBeNull();
  });

  it('never asks what has no size', async () => {
    expect(await new CapacityReader().read('autofs', '/net')).toBeNull();
    expect(statfs).not.toHaveBeenCalled();
  });

  it('asks a remote file system by a child process, whatever its path contains', async () => {
    vi.useRealTimers();
    const reader = new CapacityReader();
    expect((await reader.read('nfs4', '/'))?.total_bytes).toBeGreaterThan(0);
    expect(await reader.read('nfs4', '/; echo 1 1 1 1 1 1')).toBeNull();
    expect(statfs).not.toHaveBeenCalled();
  });
});
