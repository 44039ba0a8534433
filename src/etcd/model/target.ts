import type { FileMetadata } from './metadata.js';

/** What makes a file's content. */
export type RendererKind = 'liquid' | 'script' | 'static';

/** A file that a plugin directory says is to be managed; of a file set, the folder. */
export interface Target {
  /** Relative path below the root, without the source's suffix: `ssh/sshd_config`. */
  readonly name: string;
  /** Where it lies: absolute. */
  readonly path: string;
  readonly kind: 'file' | 'set';
  readonly renderer: RendererKind;
  /** The file that it is made from, absolute. */
  readonly source: string;
  /** The plugin directory that the source lies in. */
  readonly directory: string;
  readonly metadata: FileMetadata;
}

/** Files that belong together; declared by `groups.json`, by files, and in the collection `etcd.groups`. */
export interface TargetGroup {
  readonly name: string;
  readonly description: string | null;
  /** `file:NAME`, `plugin:NAME`, `group:NAME`, in order. */
  readonly dependencies: readonly string[];
  /** One failed file keeps all of them from being put in place. */
  readonly isAtomic: boolean;
}

/** Something in a plugin directory that could not be loaded; everything else is. */
export interface LoadError {
  /** Name of the file or group that would have been; null where it is the directory's. */
  readonly name: string | null;
  /** What is wrong: a path, with `:line:column` where that is known. */
  readonly source: string;
  readonly code: number;
  readonly message: string;
}
