import { Injectable } from '@nestjs/common';
import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import type { StorageCapacity } from '../schemas/storage-mount.schema.js';
import { parseStatOutput, STAT_FORMAT, toCapacity } from './capacity.js';
import { type Reach, reachOf } from './file-system-types.js';
import { withinTime } from './within-time.js';

type Answer = Promise<StorageCapacity | null>;

/** What a caller waits at most; a healthy server across a slow line answers well within it. */
const LIMIT_MS = 1000;

/**
 * Asks file systems for their size, in bounded time. The system call hangs for as long as a dead
 * server stays dead, and nothing can interrupt it in this process, where it would take one of the
 * few threads that all file access shares. So a remote file system is asked by a child process,
 * which can be killed, and no file system is asked again before it has answered.
 */
@Injectable()
export class CapacityReader {
  readonly #pending = new Map<string, Answer>();

  /** Null when it has no size, cannot be asked, or has not answered within a second. */
  async read(type: string, target: string): Answer {
    const reach = reachOf(type);
    if (reach === 'none') return null;
    const pending = this.#pending.get(target) ?? this.#ask(reach, target);
    return withinTime(pending, LIMIT_MS);
  }

  #ask(reach: Reach, target: string): Answer {
    const answer = (reach === 'remote' ? askByChild(target) : askHere(target))
      .catch(() => null)
      .finally(() => this.#pending.delete(target));
    this.#pending.set(target, answer);
    return answer;
  }
}

async function askHere(target: string): Answer {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(target);
  return toCapacity({
    blockSize: bsize,
    blocks,
    freeBlocks: bfree,
    availableBlocks: bavail,
    inodes: files,
    freeInodes: ffree,
  });
}

/** About 3 ms for each mount. The target is an argument of its own: no shell ever sees it. */
function askByChild(target: string): Answer {
  const args = ['--file-system', `--format=${STAT_FORMAT}`, '--', target];
  const options = { timeout: LIMIT_MS, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve) => {
    execFile('stat', args, options, (error, output) => {
      const figures = error === null ? parseStatOutput(output) : null;
      resolve(figures === null ? null : toCapacity(figures));
    });
  });
}
