import type { BigIntStats } from 'node:fs';
import { type Disk, findPlace, lookAt, readSeen, type Side, withPlace } from '../commit/index.js';
import type { DriftKind } from '../model/index.js';

const MODE_BITS = 0o7777n;

/** What a look at a file remembers, so that the next one need not read it. */
export type Glance = string;

export interface Look {
  readonly kind: DriftKind | null;
  /** Another for each other state of the file, to be told once of each. */
  readonly key: string;
  readonly glance: Glance | null;
}

/**
 * Compares what lies at a path with what was put there. A file that looks as it did at the last
 * glance is not read again.
 *
 * @throws CommitFailure when it cannot be looked at
 */
export async function lookForDrift(
  {
    at,
    placed,
    glance,
  }: { readonly at: string; readonly placed: Side; readonly glance: Glance | null },
  disk: Disk,
): Promise<Look> {
  const place = await findPlace(at, disk);
  if (place === null) return found(placed.kind === 'nothing' ? null : 'missing', 'missing');
  return withPlace(place, async () => {
    const present = await lookAt(place);
    if (present.kind === 'nothing')
      return found(placed.kind === 'nothing' ? null : 'missing', 'missing');
    if (present.kind === 'link') {
      const isPlaced = placed.kind === 'link' && placed.target === present.target;
      return found(isPlaced ? null : 'symlink', `symlink ${present.target}`);
    }
    if (present.kind === 'other') return found('type', `type ${present.what}`);
    const { stats } = present;
    const now = glanceOf(stats);
    if (now === glance) return { kind: null, key: '', glance };
    if (placed.kind !== 'file') return { ...found('edited', `edited ${now}`), glance: null };
    if (stats.size === BigInt(placed.size)) {
      const digest = disk.backups.digestOf(await readSeen(place, stats));
      if (digest === placed.digest) {
        const isKept = hasAttributes(stats, placed);
        return isKept
          ? { kind: null, key: '', glance: now }
          : found('attributes', attributesOf(stats));
      }
    }
    return found('edited', `edited ${now}`);
  });
}

const found = (kind: DriftKind | null, key: string): Look => ({
  kind,
  key: kind === null ? '' : key,
  glance: null,
});

function glanceOf({ ino, dev, size, ctimeNs, mode, uid, gid }: BigIntStats): Glance {
  return [ino, dev, size, ctimeNs, mode, uid, gid].join(':');
}

const attributesOf = ({ mode, uid, gid }: BigIntStats): string =>
  `attributes ${mode}:${uid}:${gid}`;

function hasAttributes(
  stats: BigIntStats,
  { mode, uid, gid }: Extract<Side, { kind: 'file' }>,
): boolean {
  const isOwned = stats.uid === BigInt(uid) && stats.gid === BigInt(gid);
  return isOwned && Number(stats.mode & MODE_BITS) === mode;
}
