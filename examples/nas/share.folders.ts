import { Injectable } from '@nestjs/common';
import { lstat, mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InjectSettings, Settings } from 'dispatcher';
import { NasSettings } from './nas.settings.js';

/** Where shares lie on the disk: a helper, which Nest makes and hands to whoever asks for it. */
@Injectable()
export class ShareFolders {
  constructor(@InjectSettings(NasSettings) private readonly settings: Settings<NasSettings>) {}

  async make(name: string): Promise<void> {
    await mkdir(this.settings.value.root, { recursive: true });
    await mkdir(this.#path(name));
  }

  /** @throws Error of the file system; ENOTEMPTY when there are files in it */
  remove(name: string): Promise<void> {
    return rmdir(this.#path(name));
  }

  async usedBytes(name: string, signal: AbortSignal): Promise<number> {
    let bytes = 0;
    for (const entry of await readdir(this.#path(name), { recursive: true, withFileTypes: true })) {
      signal.throwIfAborted();
      if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name))).size;
    }
    return bytes;
  }

  #path(name: string): string {
    return join(this.settings.value.root, name);
  }
}
