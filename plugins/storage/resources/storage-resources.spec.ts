import { readFile, readdir } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FakeDispatcher, RecordingLogger } from 'dispatcher/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MountChangedSource } from '../mount-changed.source.js';
import { readNames, readText } from '../readers/kernel-files.js';
import { PathUses } from './path-uses.js';
import { ResourceKeeper } from './resource-keeper.js';
import { StorageResources } from './storage-resources.js';

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  return { ...real, readFile: vi.fn(real.readFile), readdir: vi.fn(real.readdir) };
});

const failure = (code: string): Error => Object.assign(new Error(code), { code });

function failWith(code: string): void {
  vi.mocked(readFile).mockRejectedValue(failure(code));
  vi.mocked(readdir).mockRejectedValue(failure(code));
}

afterEach(() => {
  vi.mocked(readFile).mockReset();
  vi.mocked(readdir).mockReset();
});

/** Follows the list of mounts, a turn of the loop for each second. */
class QuickSource extends MountChangedSource {
  readonly told: string[] = [];
  protected override pause(_: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return nextTurn();
  }
  override emit(event: string): void {
    this.told.push(event);
  }
}

describe('a machine that cannot be read for now', () => {
  it.each(['EMFILE', 'ENFILE', 'ENOMEM', 'EIO'])('is not an empty one: %s', async (code) => {
    failWith(code);
    await expect(readText('/proc/self/mountinfo')).rejects.toThrow(code);
    await expect(readNames('/sys/class/block')).rejects.toThrow(code);
  });

  it.each(['ENOENT', 'ENOTDIR', 'ENODEV', 'EINVAL', 'EACCES', 'ESRCH'])(
    'has nothing there: %s',
    async (code) => {
      failWith(code);
      expect(await readText('/sys/class/net/eth0/speed')).toBeNull();
      expect(await readNames('/sys/class/block')).toEqual([]);
    },
  );

  it('keeps its resources, and says so once', async () => {
    const dispatcher = new FakeDispatcher();
    const logger = new RecordingLogger();
    const keeper = new ResourceKeeper(dispatcher, logger);
    const resources = new StorageResources(keeper, new PathUses(), logger);
    await resources.refresh();
    const before = dispatcher.resources;
    expect(before).not.toEqual([]);
    for (const code of ['EMFILE', 'ENOENT']) {
      failWith(code); // the second: no list of mounts at all is no news either
      await resources.refresh();
      expect(dispatcher.resources).toEqual(before);
    }
    expect(logger.lines).toHaveLength(1);
  });

  it('tells of no mount that came or went', async () => {
    const source = new QuickSource();
    const end = new AbortController();
    vi.mocked(readFile).mockResolvedValue('22 1 8:1 / / rw - ext4 /dev/root rw');
    source.enable('storage.mount.changed');
    const running = source.run(end.signal);
    await vi.waitFor(() => expect(vi.mocked(readFile).mock.calls.length).toBeGreaterThan(2));
    failWith('EMFILE');
    const calls = vi.mocked(readFile).mock.calls.length;
    await vi.waitFor(() =>
      expect(vi.mocked(readFile).mock.calls.length).toBeGreaterThan(calls + 2),
    );
    expect(source.told).toEqual([]);
    end.abort();
    await running;
  });
});
