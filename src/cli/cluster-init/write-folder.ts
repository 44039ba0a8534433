import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const OWN = 0o700;

export interface NewFile {
  /** Below the folder. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly mode: number;
}

/** Makes a folder that only its owner may enter, with these files: all of it or nothing. */
export async function writeFolder(folder: string, files: readonly NewFile[]): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const scratch = await mkdtemp(`${folder}.`);
  try {
    for (const { path, content, mode } of files) {
      const file = join(scratch, path);
      await mkdir(dirname(file), { recursive: true, mode: OWN });
      await writeFile(file, content, { mode });
      await chmod(file, mode); // whatever the umask
    }
    await rename(scratch, folder);
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    throw error;
  }
}
