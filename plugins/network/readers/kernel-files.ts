import { readdir, readFile } from 'node:fs/promises';

/**
 * Text of a kernel file without the line's end; null when it cannot be read. Drivers refuse to
 * answer what does not apply (the speed of a link that is down), which is no failure.
 */
export async function readText(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trimEnd();
  } catch {
    return null;
  }
}

/** Names in a folder; none when there is no such folder. */
export function readNames(path: string): Promise<readonly string[]> {
  return readdir(path).catch(() => []);
}
