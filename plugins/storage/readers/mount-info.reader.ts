import { readText } from './kernel-files.js';

/**
 * The kernel's list of mounts. Never empty: a process that sees no mount at all could not run.
 *
 * @throws (rejects with) Error for a list that cannot be had
 */
export async function readMountInfo(): Promise<string> {
  const text = await readText('/proc/self/mountinfo');
  if (text === null) throw new Error('The kernel gives no list of mounts: is /proc mounted?');
  return text;
}
