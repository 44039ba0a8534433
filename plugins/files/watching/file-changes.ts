import type { FileChange } from '../schemas/file-change.schema.js';
import { type Entry, isSameFile } from './entry.js';

/** What was known of a path, and what is there now. */
export interface Observation {
  readonly path: string;
  readonly before: Entry | null;
  readonly after: Entry | null;
}

/** Where files that are no longer at their path have been, by what they are. */
export function departures(observations: readonly Observation[]): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  for (const { path, before, after } of observations) {
    const identity = before?.identity ?? null;
    if (identity !== null && !isSameFile(before, after)) places.set(identity, path);
  }
  return places;
}

/**
 * What happened to files that were looked at in one moment. One that went from one path and arrived
 * at another was renamed; one whose place was taken by another was modified, because that is how
 * most editors save.
 */
export function fileChanges(observations: readonly Observation[]): FileChange[] {
  const left = departures(observations);
  const moved = new Set<string>();
  const changes: FileChange[] = [];
  for (const observation of observations) {
    const { path, before, after } = observation;
    const previous = isSameFile(before, after) ? undefined : left.get(after?.identity ?? '');
    if (after === null || previous === undefined) continue;
    moved.add(previous);
    const { is_directory } = after;
    changes.push({ path, change: 'renamed', previous_path: previous, is_directory });
  }
  const renamed = new Set(changes.map(({ path }) => path));
  for (const observation of observations) {
    if (renamed.has(observation.path)) continue;
    const change = changeOf(observation);
    if (change !== null && !(change.change === 'removed' && moved.has(change.path))) {
      changes.push(change);
    }
  }
  return changes;
}

function changeOf({ path, before, after }: Observation): FileChange | null {
  const present = after ?? before;
  if (present === null) return null;
  const { is_directory } = present;
  const plain = { path, previous_path: null, is_directory };
  if (before === null) return { ...plain, change: 'created' };
  if (after === null) return { ...plain, change: 'removed' };
  const isUnchanged = isSameFile(before, after) && before.version === after.version;
  return isUnchanged ? null : { ...plain, change: 'modified' };
}
