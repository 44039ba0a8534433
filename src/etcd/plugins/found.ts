import type { TreeFile } from '../../system/trusted-tree.js';

type Suffix = 'liquid' | 'ts' | 'js' | 'static';

/** What may become a target, as it lies on the disk. */
export interface Found {
  readonly name: string;
  readonly suffix: Suffix;
  /** Below the plugin directory. */
  readonly relative: string;
  readonly source: string;
  readonly directory: string;
  /** Its `X.meta.json`. */
  readonly metadataFile: string | null;
}

export interface Sorted {
  readonly found: readonly Found[];
  readonly groupsFile: string | null;
  readonly unknown: readonly TreeFile[];
}

const SUFFIXES: ReadonlySet<string> = new Set(['liquid', 'ts', 'js', 'static']);
const METADATA = '.meta.json';
const GROUPS = 'groups.json';
/** What authors keep beside their renderers. */
const BESIDE = /\.(?:d|spec|test)\.[tj]s$/;

/** Tells targets, metadata, groups and helpers apart by their names. */
export function sortFiles(directory: string, files: readonly TreeFile[]): Sorted {
  const visible = files.filter(({ relative }) => !isHelper(relative) && !BESIDE.test(relative));
  const metadata = new Map(
    visible
      .filter(({ relative }) => relative.endsWith(METADATA))
      .map(({ relative, path }) => [relative.slice(0, -METADATA.length), path]),
  );
  const found: Found[] = [];
  const unknown: TreeFile[] = [];
  const used = new Set<string>();
  let groupsFile: string | null = null;
  for (const file of visible) {
    const { relative, path } = file;
    if (relative === GROUPS) groupsFile = path;
    else if (!relative.endsWith(METADATA)) {
      const dot = relative.lastIndexOf('.');
      const suffix = relative.slice(dot + 1);
      if (dot <= relative.lastIndexOf('/') + 1 || !SUFFIXES.has(suffix)) unknown.push(file);
      else {
        const name = relative.slice(0, dot);
        found.push({
          name,
          suffix: suffix as Suffix,
          relative,
          source: path,
          directory,
          metadataFile: metadata.get(name) ?? null,
        });
        used.add(name);
      }
    }
  }
  const lonely = [...metadata]
    .filter(([name]) => !used.has(name))
    .map(([name, path]) => ({ relative: name + METADATA, path }));
  return { found, groupsFile, unknown: [...unknown, ...lonely] };
}

/** Partials and helpers: anything below a name that begins with `_`. */
function isHelper(relative: string): boolean {
  return relative.split('/').some((part) => part.startsWith('_'));
}
