import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** In a plugin directory; the server looks at nothing that begins with a dot. */
const STORE = '.installed';
const PREVIOUS = 'previous';

export interface InstalledPlugin {
  readonly name: string;
  readonly version: string;
  /** The version that `rollback` brings back. */
  readonly previous: string | null;
}

/**
 * Plugins that were installed from archives. Each version has a folder of its own, and the plugin's
 * name is a symbolic link to one of them, which is replaced in one step: whenever the power goes, the
 * name means the whole old version or the whole new one.
 *
 *     plugins/share -> .installed/share/1.1.0-5c0ffe
 *     plugins/.installed/share/previous -> 1.0.0-beef00
 */
export class PluginStore {
  constructor(private readonly directory: string) {}

  /** A folder for a new version, of which nobody knows yet. */
  async draft(): Promise<string> {
    const folder = join(this.directory, STORE, `.draft-${randomBytes(6).toString('hex')}`);
    await mkdir(folder, { recursive: true, mode: 0o755 });
    return folder;
  }

  /** Makes what is in the draft the plugin of that name. @throws Error when a plain file or folder has it */
  async adopt(draft: string, { name, version }: { name: string; version: string }): Promise<void> {
    const former = await this.#current(name);
    const own = join(this.directory, STORE, name);
    await mkdir(own, { recursive: true, mode: 0o755 });
    const target = `${version}-${randomBytes(3).toString('hex')}`;
    await syncTree(draft);
    await rename(draft, join(own, target));
    await syncFolder(own);
    await this.#point(name, target);
    if (former !== null) await replaceLink(join(own, PREVIOUS), former);
    await this.#tidy(name);
  }

  /** Exchanges the present version and the one before it. Returns the version that is present then. */
  async rollback(name: string): Promise<string> {
    const current = await this.#current(name);
    const link = join(this.directory, STORE, name, PREVIOUS);
    const previous = await readlink(link).catch(() => null);
    if (current === null || previous === null) {
      throw new Error(`There is no version of ${name} to go back to`);
    }
    await this.#point(name, previous);
    await replaceLink(link, current);
    return versionOf(previous);
  }

  /** @throws Error when it was not installed */
  async remove(name: string): Promise<void> {
    if ((await this.#current(name)) === null)
      throw new Error(`Plugin ${name} is not installed in ${this.directory}`);
    await rm(join(this.directory, name));
    await rm(join(this.directory, STORE, name), { recursive: true, force: true });
  }

  async list(): Promise<InstalledPlugin[]> {
    const names = await readdir(join(this.directory, STORE)).catch(() => []);
    const rows = await Promise.all(
      names.sort().map(async (name) => {
        const current = await this.#current(name).catch(() => null);
        const previous = await readlink(join(this.directory, STORE, name, PREVIOUS)).catch(
          () => null,
        );
        return current === null
          ? []
          : [
              {
                name,
                version: versionOf(current),
                previous: previous === null ? null : versionOf(previous),
              },
            ];
      }),
    );
    return rows.flat();
  }

  /** Takes away what runs that were cut short have left. */
  async removeLeftovers(): Promise<void> {
    const store = join(this.directory, STORE);
    for (const name of await readdir(store).catch(() => [])) {
      if (name.startsWith('.')) await rm(join(store, name), { recursive: true, force: true });
      else await this.#tidy(name);
    }
  }

  async #tidy(name: string): Promise<void> {
    const own = join(this.directory, STORE, name);
    const current = await this.#current(name).catch(() => null);
    const previous = await readlink(join(own, PREVIOUS)).catch(() => null);
    const kept = new Set([current, previous, ...(previous === null ? [] : [PREVIOUS])]);
    for (const entry of await readdir(own)) {
      if (!kept.has(entry)) await rm(join(own, entry), { recursive: true, force: true });
    }
  }

  /** The folder that the name means; null when there is nothing of that name. */
  async #current(name: string): Promise<string | null> {
    const path = join(this.directory, name);
    const info = await lstat(path).catch(() => null);
    if (info === null) return null;
    const target = info.isSymbolicLink() ? await readlink(path) : '';
    if (dirname(target) === join(STORE, name)) return basename(target);
    throw new Error(`${path} was not put there by plugin install: move it away first`);
  }

  async #point(name: string, target: string): Promise<void> {
    await replaceLink(join(this.directory, name), join(STORE, name, target));
    await syncFolder(this.directory);
  }
}

function versionOf(folder: string): string {
  return folder.replace(/-[0-9a-f]{6}$/, '');
}

async function replaceLink(link: string, target: string): Promise<void> {
  const draft = join(dirname(link), `.${basename(link)}-${randomBytes(6).toString('hex')}`);
  await symlink(target, draft);
  await rename(draft, link);
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncFolder(path);
  }
  await syncFolder(folder);
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
