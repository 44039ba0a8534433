import { stat } from 'node:fs/promises';
import type { ReadEntry } from 'tar';

const MAX_ARCHIVE_BYTES = 64 * 1_024 * 1_024;
const MAX_BYTES = 256 * 1_024 * 1_024;
const MAX_ENTRIES = 10_000;
const KINDS: ReadonlySet<string> = new Set(['File', 'OldFile', 'Directory', 'ContiguousFile']);

/**
 * Looks through a whole archive before anything of it is written.
 *
 * @throws Error naming what is wrong: no archive, cut short, a path out of its folder, a link, a
 *   device, too many or too large files
 */
export async function inspectArchive(file: string): Promise<void> {
  const { size } = await stat(file);
  if (size > MAX_ARCHIVE_BYTES) throw new Error(`${file} is larger than 64 MiB`);
  const look = new Look();
  const { list } = await import('tar');
  try {
    await list({ file, strict: true, onReadEntry: (entry) => look.at(entry) });
  } catch (error) {
    throw new Error(
      `${file}: ${look.problem ?? `is no whole archive: ${(error as Error).message}`}`,
      { cause: error },
    );
  }
  if (look.problem !== null) throw new Error(`${file}: ${look.problem}`);
  if (look.count === 0) throw new Error(`${file}: is no archive, or an empty one`);
}

/** Writes an archive that was looked through into a folder, without the folder that all is in. */
export async function extractArchive(file: string, folder: string): Promise<void> {
  const { extract } = await import('tar');
  const look = new Look();
  await extract({
    file,
    cwd: folder,
    strip: 1,
    strict: true,
    preserveOwner: false,
    // it may be another file by now
    filter: (_, entry) => {
      if ('type' in entry) look.at(entry);
      return look.problem === null;
    },
  });
  if (look.problem !== null) throw new Error(`${file}: ${look.problem}`);
}

class Look {
  count = 0;
  problem: string | null = null;
  #bytes = 0;

  at(entry: ReadEntry): void {
    this.count += 1;
    this.#bytes += entry.size;
    this.problem ??= this.#problemOf(entry);
    // what is too much is not read to its end
    if (this.count > 2 * MAX_ENTRIES || this.#bytes > 2 * MAX_BYTES) {
      throw new Error(this.problem ?? 'too much');
    }
  }

  #problemOf({ path, type }: ReadEntry): string | null {
    const name = JSON.stringify(path);
    if (!KINDS.has(type))
      return `${name} is a ${type}: an archive of a plugin has files and folders`;
    if (
      path.startsWith('/') ||
      /^[a-z]:/i.test(path) ||
      path.includes('\\') ||
      path.includes('\0')
    ) {
      return `${name} is not below the archive's folder`;
    }
    if (path.split('/').includes('..')) return `${name} leads out of the archive's folder`;
    if (this.count > MAX_ENTRIES) return `has more than ${MAX_ENTRIES} files`;
    return this.#bytes > MAX_BYTES ? 'holds more than 256 MiB' : null;
  }
}
