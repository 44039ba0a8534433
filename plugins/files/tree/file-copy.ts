import { type FileHandle, open } from 'node:fs/promises';
import type { Spot } from '../handles/located.js';
import { fileError, withFile } from './file-errors.js';
import { CHUNK_BYTES, FileReader } from './file-reader.js';
import { applyToHandle, withoutSetId } from './file-metadata.js';
import type { TreeEntry } from './tree-walk.js';

/** Of a file with holes a run of zeros this long becomes a hole of the copy. */
const HOLE_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(HOLE_BYTES);
const SECTOR_BYTES = 512n;

export interface FileCopyOptions {
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
  /** Whether the copy may run as its owner or group when the file does. */
  readonly keepsSetId: boolean;
}

export interface FileCopyOutcome {
  readonly bytes: number;
  /** The source was written to meanwhile: the copy may hold a bit of before and of after. */
  readonly hasChanged: boolean;
}

/**
 * Copies the content, mode, times and, for root, the owner of one file into a new one. Null when the
 * source is no longer there: then nothing was made.
 *
 * @throws TaskException that names the path; the signal's reason
 */
export async function copyFileContent(
  entry: TreeEntry,
  target: Spot,
  { signal, onBytes, keepsSetId }: FileCopyOptions,
): Promise<FileCopyOutcome | null> {
  const reader = await FileReader.open(entry);
  if (reader === null) return null;
  try {
    const handle = await createFile(target);
    try {
      const bytes = await pump(reader, handle, { target: target.path, signal, onBytes });
      const hasChanged = await reader.hasChanged();
      const stats = keepsSetId ? reader.stats : withoutSetId(reader.stats);
      await withFile('write', target.path, () => applyToHandle(handle, stats));
      return { bytes, hasChanged };
    } finally {
      await handle.close();
    }
  } finally {
    await reader.close();
  }
}

/** A new file, which only its owner may read. @throws TaskException */
export function createFile({ folder, name, path }: Spot): Promise<FileHandle> {
  return withFile('create', path, () => open(folder.at(name), 'wx', 0o600));
}

async function pump(
  reader: FileReader,
  handle: FileHandle,
  { target, signal, onBytes }: Omit<FileCopyOptions, 'keepsSetId'> & { readonly target: string },
): Promise<number> {
  const hasHoles = reader.stats.blocks * SECTOR_BYTES < reader.stats.size;
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Number(reader.stats.size) + 1));
  let position = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const length = await reader.fill(buffer, position);
      if (length > 0) await write(handle, buffer.subarray(0, length), { position, hasHoles });
      position += length;
      onBytes(length);
      if (length < buffer.length) break;
    }
    if (hasHoles) await handle.truncate(position); // the last bytes may be a hole
  } catch (error) {
    throw fileError(error, 'write', target);
  }
  return position;
}

async function write(
  handle: FileHandle,
  chunk: Buffer,
  { position, hasHoles }: { readonly position: number; readonly hasHoles: boolean },
): Promise<void> {
  const step = hasHoles ? HOLE_BYTES : chunk.length;
  for (let from = 0; from < chunk.length; from += step) {
    const part = chunk.subarray(from, from + step);
    if (hasHoles && part.equals(ZEROS.subarray(0, part.length))) continue;
    await writeAll(handle, part, position + from);
  }
}

async function writeAll(handle: FileHandle, part: Buffer, position: number): Promise<void> {
  for (let done = 0; done < part.length;) {
    const { bytesWritten } = await handle.write(part, done, part.length - done, position + done);
    done += bytesWritten;
  }
}
