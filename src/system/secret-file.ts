import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';

const OTHERS = 0o077;

/**
 * The text of a file that holds a key.
 *
 * @throws Error that names the file when it cannot be read, or when others than its owner may
 * @example
 * readSecretFile('/etc/dispatcher/n1.nk')
 */
export function readSecretFile(file: string): string {
  const descriptor = openSync(file, 'r'); // one look at one file, whatever the name means a moment later
  try {
    const mode = fstatSync(descriptor).mode & 0o777;
    if ((mode & OTHERS) !== 0) {
      const shown = mode.toString(8).padStart(4, '0');
      throw new Error(`${file} is open to others (mode ${shown}): chmod 600 ${file}`);
    }
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
