import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { copyExtendedAttributes, fileId } from '../../system/index.js';
import type { FileMetadata } from '../model/index.js';
import { copyByTools } from './attribute-tools.js';
import { CommitFailure, systemFailure } from './commit-failure.js';
import { openSeen } from './present.js';
import type { Ownership, Place } from './place.js';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Nobody else may read it before its owner and mode are those of the file. */
const PRIVATE_MODE = 0o600;
const LONGEST_NAME = 255;

/** What a file is to be. */
export interface Wanted {
  readonly content: Uint8Array;
  readonly ownership: Ownership;
  /** Whether the extended attributes of the old file have to be kept. */
  readonly attributes: FileMetadata['attributes'];
}

/** The new content, written and synced, beside its target. */
export interface TempFile {
  readonly name: string;
  /** Which file it is: nobody must have put another in its place. */
  readonly id: string;
}

/** `.NAME.<generation>.tmp`; of a name too long for that, a digest of it. */
export function tempName(name: string, generation: string): string {
  const full = `.${name}.${generation}.tmp`;
  if (Buffer.byteLength(full) <= LONGEST_NAME) return full;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 32);
  return `.${digest}.${generation}.tmp`;
}

/** Whether it is a temporary file of that generation; of any, if none is given. */
export function isTempName(name: string, generation: string | null): boolean {
  if (generation !== null) return name.startsWith('.') && name.endsWith(`.${generation}.tmp`);
  return /^\..+\.[A-Za-z0-9-]+\.tmp$/.test(name);
}

/**
 * Writes a new file beside a target: private first, then its owner, its mode, what the old one had of
 * access control lists and labels, and onto the disk. Leaves nothing behind when it fails.
 *
 * @param like - the file that it is to take the place of
 * @throws CommitFailure
 */
export async function writeTemp(
  place: Place,
  name: string,
  { wanted, like }: { readonly wanted: Wanted; readonly like: BigIntStats | null },
): Promise<TempFile> {
  const { folder, path } = place;
  let handle: FileHandle;
  try {
    handle = await open(folder.at(name), CREATE, PRIVATE_MODE);
  } catch (error) {
    throw systemFailure(error, 'write', path);
  }
  try {
    await handle.writeFile(wanted.content);
    await own(handle, wanted.ownership);
    if (like !== null) await copyAttributes(place, { like, handle, wanted });
    await handle.sync();
    return { name, id: fileId(await handle.stat({ bigint: true })) };
  } catch (error) {
    await unlink(folder.at(name)).catch(() => undefined);
    throw systemFailure(error, 'write', path);
  } finally {
    await handle.close();
  }
}

/** Owner first: giving a file away takes bits of its mode. */
export async function own(handle: FileHandle, { mode, uid, gid }: Ownership): Promise<void> {
  const stats = await handle.stat();
  if (stats.uid !== uid || stats.gid !== gid) await handle.chown(uid, gid);
  await handle.chmod(mode);
}

interface AttributeCopy {
  readonly like: BigIntStats;
  readonly handle: FileHandle;
  readonly wanted: Wanted;
}

async function copyAttributes(
  place: Place,
  { like, handle, wanted }: AttributeCopy,
): Promise<void> {
  if (wanted.attributes === 'drop') return;
  const old = await openSeen(place, like);
  try {
    let outcome = copyExtendedAttributes(old.fd, handle.fd);
    if (outcome.kind === 'unsupported') outcome = await copyByTools(old.fd, handle.fd);
    if (outcome.kind === 'unsupported')
      throw notCopied(
        place.path,
        'neither koffi nor the tools getfattr and setfattr are installed',
      );
    if (outcome.kind === 'failed') throw notCopied(place.path, `${outcome.name} is refused`);
    // an access control list brings the rights of the old mode along
    if (outcome.names.length > 0) await handle.chmod(wanted.ownership.mode);
  } finally {
    await old.close();
  }
}

const EOPNOTSUPP = 95;

function notCopied(path: string, reason: string): CommitFailure {
  const message = `Cannot keep the extended attributes of ${path}: ${reason}; attributes: drop gives them up`;
  return new CommitFailure('commit', message, { errno: EOPNOTSUPP });
}
