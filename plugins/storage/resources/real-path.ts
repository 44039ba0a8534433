import { realpath } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { withinTime } from '../readers/within-time.js';
import { folderOf } from './mounted-paths.js';

/** A file system that does not answer must not hold up those who only want to know a name. */
const LIMIT_MS = 1_000;

/**
 * The path without `.`, `..` and doubled slashes, with the symbolic links in the folders before its
 * last name followed as far as they exist. In its written form when that is not to be had in time.
 */
export async function realPathOf(path: string): Promise<string> {
  const plain = normalize(path).replace(/(?<=.)\/$/, '');
  if (plain === '/') return plain;
  const folder = await withinTime(realFolder(folderOf(plain)), LIMIT_MS);
  return folder === null ? plain : join(folder, plain.slice(plain.lastIndexOf('/') + 1));
}

async function realFolder(folder: string): Promise<string> {
  for (let at = folder; at !== '/'; at = folderOf(at)) {
    const real = await realpath(at).catch(() => null);
    if (real !== null) return join(real, folder.slice(at.length));
  }
  return folder;
}
