import type { Change, RenderedFile } from '../model/index.js';
import { type Disk, find } from './disk.js';
import type { OwnerNames } from './owner-names.js';
import type { Ownership } from './place.js';
import { isSameContent, NOTHING, type Side } from './side.js';
import type { Wanted } from './temp-file.js';

/** What has to be done so that a file is as it was rendered. */
type Step = 'nothing' | 'attributes' | 'create' | 'replace' | 'remove';

export interface Comparison {
  readonly at: string;
  readonly step: Step;
  readonly changes: readonly Change[];
  /** What lies there; not its bytes, for a generation may have ten thousand of these. */
  readonly before: Side;
  /** What will lie there. */
  readonly after: Side;
  /** Null for a file that must not exist. */
  readonly wanted: Wanted | null;
  /** Of folders that are missing; null as `wanted` is. */
  readonly directory: Ownership | null;
}

/** Compares a rendered file with the disk: bytes, mode, owner, group. @throws CommitFailure */
export async function compare(
  file: RenderedFile,
  disk: Disk,
  owners: OwnerNames,
): Promise<Comparison> {
  const { metadata, rendering } = file;
  const { at, side: before } = await find(file.path, metadata.symlink, disk);
  const base = { at, before };
  if (rendering.kind !== 'content') {
    const step = before.kind === 'nothing' ? 'nothing' : 'remove';
    return { ...base, step, changes: [], after: NOTHING, wanted: null, directory: null };
  }
  const ownership = await owners.resolve(metadata);
  const directory = await owners.resolve(metadata.directory);
  const { content } = rendering;
  const { attributes } = metadata;
  const after: Side = {
    kind: 'file',
    digest: disk.backups.digestOf(content),
    size: content.length,
    ...ownership,
  };
  const changes = changesBetween(before, after);
  const wanted = { content, ownership, attributes };
  return { ...base, step: stepOf(before, changes), changes, after, wanted, directory };
}

function changesBetween(before: Side, after: Side): Change[] {
  if (before.kind !== 'file' || after.kind !== 'file') return ['contents'];
  const changes: Change[] = [];
  if (!isSameContent(before, after)) changes.push('contents');
  if (before.mode !== after.mode) changes.push('mode');
  if (before.uid !== after.uid) changes.push('owner');
  if (before.gid !== after.gid) changes.push('group');
  return changes;
}

function stepOf(before: Side, changes: readonly Change[]): Step {
  if (before.kind === 'nothing') return 'create';
  if (changes.includes('contents')) return 'replace';
  return changes.length === 0 ? 'nothing' : 'attributes';
}
