import { description, eventSource, WatchingSource } from 'dispatcher';
import { mountChanges } from './readers/mount-changes.js';
import { readMountInfo } from './readers/mount-info.reader.js';
import { parseMountInfo } from './readers/mountinfo.js';

export const MOUNT_CHANGED = 'storage.mount.changed';

const INTERVAL_MS = 1000;

/**
 * Reads the list each second. The kernel tells of changes by a kind of poll that Node does not
 * offer; `findmnt --poll` would, but a process that has to be watched, and may not be installed, is
 * a high price for the part of a second when a reading without news costs some 50 µs. What came
 * and went between two readings is not seen.
 */
@description('Published when a file system was mounted, unmounted, moved or given other options')
@eventSource(MOUNT_CHANGED)
export class MountChangedSource extends WatchingSource {
  protected override async watch(signal: AbortSignal): Promise<void> {
    let text = await readMountInfo();
    for (;;) {
      await this.pause(INTERVAL_MS, signal);
      // a list that cannot be read now says nothing: the next that can is held against the last one
      const latest = await readMountInfo().catch(() => text);
      if (latest === text) continue;
      for (const change of mountChanges(parseMountInfo(text), parseMountInfo(latest))) {
        this.emit(MOUNT_CHANGED, change);
      }
      text = latest;
    }
  }
}
