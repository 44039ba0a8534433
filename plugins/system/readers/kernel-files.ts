import { readFile, readlink } from 'node:fs/promises';

/**
 * Text of a file under `/proc`, `/sys` or `/etc`; null when it cannot be read. Why does not matter
 * to the readers: no such file, hidden from this user, or a device that left meanwhile all mean
 * that the fact is not to be had.
 */
export function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}

/** Where a symbolic link points; null when there is none. */
export function readLink(path: string): Promise<string | null> {
  return readlink(path).catch(() => null);
}
