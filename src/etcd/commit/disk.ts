import type { BackupStore } from './backup-store.js';
import { CommitFailure } from './commit-failure.js';
import { findPlace, linkEnd, type Place, type Reach, rootOf, withPlace } from './place.js';
import { assertReplaceable, lookAt, type Present, readSeen } from './present.js';
import { NOTHING, type Side } from './side.js';
import type { FileMetadata } from '../model/index.js';

const MAX_LINKS = 8;
const MODE_BITS = 0o7777n;

/** What the steps of a commit share. */
export interface Disk extends Reach {
  readonly backups: BackupStore;
  /** Larger files of others are not replaced, for they cannot be kept. */
  readonly maxBackupBytes: number;
}

/** What was found where a file is to lie. */
export interface Found {
  /** Where its bytes lie: another path than the target's behind a link that is followed. */
  readonly at: string;
  readonly present: Present;
  readonly content: Buffer | null;
  readonly side: Side;
}

/**
 * Looks at a target, as its metadata wants links treated.
 *
 * @throws CommitFailure when it must not be replaced
 */
export async function find(
  path: string,
  symlink: FileMetadata['symlink'],
  disk: Disk,
): Promise<Found> {
  let at = path;
  for (let links = 0; links <= MAX_LINKS; links++) {
    rootOf(at, disk);
    const found = await findAt(at, disk);
    if (found.present.kind !== 'link' || symlink === 'replace') return found;
    const { target } = found.present;
    if (symlink === 'refuse') {
      const message = `Refused ${path}: it is a symbolic link to ${target}; declare symlink: replace or follow`;
      throw new CommitFailure('commit', message);
    }
    at = linkEnd(at, target);
  }
  throw new CommitFailure('commit', `Refused ${path}: too many symbolic links`);
}

/** Looks at a path and follows nothing. @throws CommitFailure */
export async function findAt(at: string, disk: Disk): Promise<Found> {
  const place = await findPlace(at, disk);
  if (place === null) return { at, present: { kind: 'nothing' }, content: null, side: NOTHING };
  return withPlace(place, async () => {
    const present = await lookAt(place);
    assertReplaceable(present, at);
    return { at, present, ...(await contentOf(place, present, disk)) };
  });
}

/** The side of what was seen, with its bytes if it is a file. @throws CommitFailure */
export async function contentOf(
  place: Place,
  present: Present,
  { backups, maxBackupBytes }: Pick<Disk, 'backups' | 'maxBackupBytes'>,
): Promise<Pick<Found, 'content' | 'side'>> {
  if (present.kind === 'link') return { content: null, side: present };
  if (present.kind !== 'file') return { content: null, side: NOTHING };
  const { stats } = present;
  if (stats.size > BigInt(maxBackupBytes)) {
    const message = `Refused ${place.path}: it has ${stats.size} bytes, more than is kept of old contents (backups.max-mib)`;
    throw new CommitFailure('commit', message);
  }
  const content = await readSeen(place, stats);
  return {
    content,
    side: {
      kind: 'file',
      digest: backups.digestOf(content),
      size: content.length,
      mode: Number(stats.mode & MODE_BITS),
      uid: Number(stats.uid),
      gid: Number(stats.gid),
    },
  };
}
