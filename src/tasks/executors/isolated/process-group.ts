import { runningPids, signalQuietly, wasStartedWith } from '../../../system/index.js';
import type { TaskMark } from './task-mark.js';

/** Programs may start others while they are looked for: so often at most. */
const PASSES = 5;

/**
 * Ends what a task has started, wherever it went: a program that leads a group or a session of its
 * own, or whose parent has ended, has still its environment from the task. One that has made itself
 * a clean environment and left the group is out of reach, and so is everything without `/proc`.
 */
export function endMarked({ name, value }: TaskMark): void {
  for (let pass = 0; pass < PASSES; pass += 1) {
    const found = runningPids().filter((pid) => wasStartedWith(pid, `${name}=${value}`));
    if (found.length === 0) return;
    for (const pid of found) signalQuietly(pid, 'SIGKILL');
  }
}
