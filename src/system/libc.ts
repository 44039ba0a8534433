import { createRequire } from 'node:module';

/** The functions of the C library that Node.js has no word for. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  connect(fd: number, address: Buffer, length: number): number;
  /** What was sent, or -1; the error number is then that of `errno()`. */
  sendto(...args: [number, Buffer, number, number, Buffer, number]): number;
  /** 0, or -1 when the lock is somebody else's. */
  flock(fd: number, operation: number): number;
  /** Names, each with a NUL behind it; their length in bytes, or -1. */
  flistxattr(fd: number, names: Buffer | null, size: number): number;
  /** Length of the value, or -1. */
  fgetxattr(...args: [fd: number, name: string, value: Buffer | null, size: number]): number;
  /** 0, or -1. */
  fsetxattr(
    ...args: [fd: number, name: string, value: Buffer, size: number, flags: number]
  ): number;
  errno(): number;
}

interface Koffi {
  load(path: null): { func(prototype: string): never };
  errno(): number;
}

let loaded: Libc | null | undefined;

/**
 * The C library by koffi, which is an optional package with a compiled part for each platform; null
 * where that could not be installed. Asked for only by those who need it.
 */
export function libc(): Libc | null {
  if (loaded !== undefined) return loaded;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as Koffi;
    const library = koffi.load(null);
    loaded = {
      socket: library.func('int socket(int, int, int)'),
      connect: library.func('int connect(int, const void *, uint32_t)'),
      sendto: library.func(
        'intptr_t sendto(int, const void *, size_t, int, const void *, uint32_t)',
      ),
      flock: library.func('int flock(int, int)'),
      flistxattr: library.func('intptr_t flistxattr(int, void *, size_t)'),
      fgetxattr: library.func('intptr_t fgetxattr(int, const char *, void *, size_t)'),
      fsetxattr: library.func('int fsetxattr(int, const char *, const void *, size_t, int)'),
      errno: () => koffi.errno(),
    };
  } catch {
    loaded = null;
  }
  return loaded;
}
