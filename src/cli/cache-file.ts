import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where this user's programs keep what they can do without; null where that is nowhere. */
export function cacheFolder({
  XDG_CACHE_HOME: folder,
  HOME: home,
}: NodeJS.ProcessEnv): string | null {
  const base = folder !== undefined && folder !== '' ? folder : home && join(home, '.cache');
  return base === undefined || base === '' ? null : join(base, 'dispatcher');
}

/** What a server said, kept for the next time: one file, written in one piece, for its owner alone. */
export class CacheFile {
  constructor(private readonly path: string | null) {}

  /** @param of - whose answers they are: the same text, the same file */
  static of(kind: string, of: string, env: NodeJS.ProcessEnv): CacheFile {
    const folder = cacheFolder(env);
    if (folder === null) return new CacheFile(null);
    const digest = createHash('sha256').update(of).digest('hex').slice(0, 16);
    return new CacheFile(join(folder, `${kind}-${digest}.json`));
  }

  /** Null where there is none that can be read. */
  read(): { readonly value: unknown; readonly ageMs: number } | null {
    if (this.path === null) return null;
    try {
      const ageMs = Date.now() - statSync(this.path).mtimeMs;
      return { value: JSON.parse(readFileSync(this.path, 'utf8')) as unknown, ageMs };
    } catch {
      return null;
    }
  }

  /** A cache that cannot be written is none. */
  write(value: unknown): void {
    if (this.path === null) return;
    const draft = `${this.path}.${process.pid}`;
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      writeFileSync(draft, JSON.stringify(value), { mode: 0o600 });
      renameSync(draft, this.path);
    } catch {
      // the next one asks again
    }
  }
}
