import type { Action } from '../../wire/generation.js';
/** Who owns a file and who may open it. Names are resolved when it is put in place. */
export interface Attributes {
  /** Permission bits, 0 to 0o777. */
  readonly mode: number;
  /** A name or a number; null: whom the process runs as. */
  readonly owner: string | number | null;
  readonly group: string | number | null;
}

/** Where a template's variable comes from. */
export type DataSource =
  | { readonly call: readonly [method: string, ...args: readonly unknown[]] }
  | { readonly query: readonly [collection: string, filter?: unknown, params?: unknown] }
  | { readonly config: string };

/** What is declared of a file, by `X.meta.json` or `@file`, with every default filled in. */
export interface FileMetadata extends Attributes {
  /** Absolute target outside of the root; null: the name below the root. */
  readonly path: string | null;
  readonly description: string | null;
  readonly deprecated: string | null;
  /** Of parents that are missing. */
  readonly directory: Attributes;
  /** Groups that the file puts itself into. */
  readonly groups: readonly string[];
  /** Names of files that have to be in place first. */
  readonly after: readonly string[];
  /** Of which the start generates `initial`; null: only on request. */
  readonly checkpoint: string | null;
  readonly data: Readonly<Record<string, DataSource>>;
  /** `collection:x`, `config:a.b`, `event:mask`, beside what is recorded; false: follows nothing. */
  readonly watch: readonly string[] | false;
  /** Programs that judge the new content, each an argv; `{path}` stands for the file. */
  readonly validate: readonly (readonly string[])[];
  /** Where the file lies that they are shown: in a folder of its own, or beside the target. */
  readonly validateIn: 'private' | 'beside';
  readonly reload: readonly Action[];
  /** Whether a change of attributes alone is reason enough. */
  readonly reloadOn: 'contents' | 'any';
  /** `accepted`: a mode that others can read was meant so. */
  readonly sensitive: boolean | 'accepted';
  readonly symlink: 'refuse' | 'replace' | 'follow';
  readonly writes: 'atomic' | 'in-place';
  /** `drop`: extended attributes of the old file need not be kept. */
  readonly attributes: 'keep' | 'drop';
  /** Null: as the configuration says. */
  readonly drift: 'report' | 'restore' | 'ignore' | null;
  readonly onOrphan: 'keep' | 'remove';
  /** True, or the key of a setting that has to be true. */
  readonly enabled: boolean | { readonly config: string };
  /** What begins a comment in the file, for the banner; null: the file has none. */
  readonly comment: string | null;
  /** May take the place of a target of the same name that was found before. */
  readonly override: boolean;
}

/** The mode of a file that says nothing of it. */
export const DEFAULT_MODE = 0o644;
/** The mode of a folder that was missing. */
export const DEFAULT_DIRECTORY_MODE = 0o755;

/** What is true of a file that nothing was declared of. */
export const DEFAULT_METADATA: FileMetadata = {
  mode: DEFAULT_MODE,
  owner: null,
  group: null,
  path: null,
  description: null,
  deprecated: null,
  directory: { mode: DEFAULT_DIRECTORY_MODE, owner: null, group: null },
  groups: [],
  after: [],
  checkpoint: 'initial',
  data: {},
  watch: [],
  validate: [],
  validateIn: 'private',
  reload: [],
  reloadOn: 'contents',
  sensitive: false,
  symlink: 'refuse',
  writes: 'atomic',
  attributes: 'keep',
  drift: null,
  onOrphan: 'keep',
  enabled: true,
  comment: '#',
  override: false,
};
