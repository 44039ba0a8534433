import { performance } from 'node:perf_hooks';
import { collectGarbage } from '../system/index.js';

/** A little more than the time over which V8 reckons how much is allocated. */
const QUIET_MS = 5_200;
/** Share of that time in which the event loop may have had something to do. */
const QUIET_SHARE = 0.1;
/** V8 gives its young generation back when a collection finds that little came since the one before. */
const COLLECTIONS = 2;

/** What is watched and done; tests have their own. */
export interface StartGarbageOptions {
  readonly collect?: () => void;
  /** How much of the time since it was asked last the event loop was busy, from 0 to 1. */
  readonly busyShare?: () => number;
}

/**
 * Collects what the start has left, in the first quiet moments after it: some forty megabytes that V8
 * would keep until it needs them, which on a server that nobody uses is never. A server that is busy is
 * not held up, and has a use for the room.
 */
export function collectStartGarbage({
  collect = collectGarbage,
  busyShare = loopShare(),
}: StartGarbageOptions = {}): void {
  let left = COLLECTIONS;
  const timer = setInterval(() => {
    if (busyShare() > QUIET_SHARE) return;
    collect();
    left -= 1;
    if (left === 0) clearInterval(timer);
  }, QUIET_MS).unref();
}

function loopShare(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
