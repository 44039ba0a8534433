import { readdir, readFile, readlink } from 'node:fs/promises';

/**
 * Text of a kernel file without the spaces around it; null when it is empty or cannot be read,
 * whatever the reason: both mean that the fact is not to be had.
 */
export async function readText(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim() || null;
  } catch {
    return null;
  }
}

/** Names in a folder; none when there is no such folder. */
export function readNames(path: string): Promise<readonly string[]> {
  return readdir(path).catch(() => []);
}

/** Where a symbolic link points; null when there is none. */
export function readLink(path: string): Promise<string | null> {
  return readlink(path).catch(() => null);
}
