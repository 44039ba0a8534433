import { join } from 'node:path';
import { reachOf } from '../readers/file-system-types.js';
import type { MountInfo } from '../readers/mountinfo.js';

/** A file system, wherever and however often it is mounted. */
export interface MountedFileSystem {
  /** `filesystem:` and where it is mounted first; as long as it is mounted, a second mount changes nothing. */
  readonly resource: string;
  /** The mount it is named after. */
  readonly mount: MountInfo;
}

/** Where a path lies. */
export interface PathPlace {
  /** Null on what the kernel makes up, such as /proc. */
  readonly fileSystem: MountedFileSystem | null;
  /** The same place by the mount that the file system is named after: bind mounts give it several names. */
  readonly path: string;
}

/** Looks paths up among the mounted file systems; all of it is text, nothing is asked of the disks. */
export class MountedPaths {
  readonly #byTarget = new Map<string, MountInfo>();
  readonly #byDevice = new Map<string, MountedFileSystem>();

  constructor(mounts: readonly MountInfo[]) {
    for (const mount of mounts) {
      this.#byTarget.set(mount.target, mount); // a later mount at one place hides the others
      if (reachOf(mount.type) === 'none') continue;
      const present = this.#byDevice.get(mount.device_number);
      if (present !== undefined && present.mount.root.length <= mount.root.length) continue;
      const resource = `filesystem:${mount.target}`;
      this.#byDevice.set(mount.device_number, { resource, mount });
    }
  }

  fileSystems(): Iterable<MountedFileSystem> {
    return this.#byDevice.values();
  }

  /** Of an absolute path in its plainest form. */
  placeOf(path: string): PathPlace {
    const mount = this.#mountOf(path);
    const fileSystem =
      mount === undefined ? null : (this.#byDevice.get(mount.device_number) ?? null);
    if (mount === undefined || fileSystem === null) return { fileSystem: null, path };
    const named = fileSystem.mount;
    const inner = join(mount.root, path.slice(mount.target.length));
    const rest = below(inner, named.root);
    return { fileSystem, path: rest === null ? path : join(named.target, rest) };
  }

  #mountOf(path: string): MountInfo | undefined {
    for (let at = path; ; at = folderOf(at)) {
      const mount = this.#byTarget.get(at);
      if (mount !== undefined || at === '/') return mount;
    }
  }
}

/** `/a/b` of `/a/b/c`, `/` of `/a`. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** What of a path lies below a folder; null when it lies elsewhere. */
function below(path: string, folder: string): string | null {
  if (folder === '/' || path === folder) return path.slice(folder === '/' ? 0 : folder.length);
  return path.startsWith(`${folder}/`) ? path.slice(folder.length) : null;
}
