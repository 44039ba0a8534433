import { constants } from 'node:os';
import { type Libc, libc } from './libc.js';

/** What came of it: `unsupported` where neither koffi nor the file system knows of such attributes. */
export type CopyOutcome =
  | { readonly kind: 'copied'; readonly names: readonly string[] }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'failed'; readonly name: string; readonly errno: number };

/**
 * Speak of the content or give it rights, so that they must not stand on another content: hashes and
 * signatures of the kernel's integrity measurement, and capabilities.
 */
const OF_CONTENT: ReadonlySet<string> = new Set([
  'security.ima',
  'security.evm',
  'security.capability',
]);
const NONE: ReadonlySet<number> = new Set([constants.errno.EOPNOTSUPP, constants.errno.ENOSYS]);

/**
 * Copies the extended attributes of an open file to another: access control lists and SELinux's label
 * are such, too. Those stay behind that speak of the content.
 */
export function copyExtendedAttributes(from: number, to: number): CopyOutcome {
  const calls = libc();
  if (calls === null) return { kind: 'unsupported' };
  const listed = read((buffer, size) => calls.flistxattr(from, buffer, size));
  if (listed === null) {
    const errno = calls.errno();
    return NONE.has(errno) ? { kind: 'copied', names: [] } : { kind: 'failed', name: '', errno };
  }
  const names = listed.toString('latin1').split('\0').filter(isCopied);
  for (const name of names) {
    if (!copyOne(calls, { from, to, name })) return { kind: 'failed', name, errno: calls.errno() };
  }
  return { kind: 'copied', names };
}

const isCopied = (name: string): boolean => name !== '' && !OF_CONTENT.has(name);

interface Copy {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

function copyOne(calls: Libc, { from, to, name }: Copy): boolean {
  const value = read((buffer, size) => calls.fgetxattr(from, name, buffer, size));
  if (value === null) return calls.errno() === constants.errno.ENODATA; // gone meanwhile
  return calls.fsetxattr(to, name, value, value.length, 0) === 0;
}

/** Asks for the length, then for the bytes; again when they have grown in between. */
function read(call: (buffer: Buffer | null, size: number) => number): Buffer | null {
  for (let attempt = 0; ; attempt++) {
    const length = call(null, 0);
    if (length <= 0) return length === 0 ? Buffer.alloc(0) : null;
    const buffer = Buffer.alloc(length);
    const filled = call(buffer, length);
    if (filled >= 0) return buffer.subarray(0, filled);
    if (attempt === 3) return null;
  }
}
