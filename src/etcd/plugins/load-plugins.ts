import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { parse, type ParseError, printParseErrorCode } from 'jsonc-parser';
import { Errno, isRecord, messageOf } from '../../common/index.js';
import type { FileError, FileMetadata, LoadError } from '../model/index.js';
import type { Description, Outcome, SourceDirectory, SourceRef } from '../worker/index.js';
import { afterErrors } from './after.js';
import type { Catalog } from './catalog.js';
import { type Found, sortFiles } from './found.js';
import { danglingDependencies, type DeclaredGroup, tableOfGroups } from './groups.js';
import type { LoadedTarget } from './loaded-target.js';
import type { Trust } from '../../system/ownership.js';
import { parseGroup, parseMetadata } from './parse-metadata.js';
import { type Roots, targetPath } from './target-path.js';
import { readTree, type Tree } from '../../system/trusted-tree.js';

/** A row of the collection `etcd.groups`. */
export interface GroupRow {
  readonly name: string;
  readonly dependencies: readonly string[];
}

export interface LoadOptions extends Roots {
  readonly directories: readonly string[];
  readonly trust: Trust;
  /** Directories that others may write are loaded, with a warning. */
  readonly isInsecure: boolean;
  readonly maxFiles: number;
  readonly groupRows: readonly GroupRow[];
  /** Takes the texts that {@link LoadOptions.describe} speaks of. */
  readonly prepare: (directories: readonly SourceDirectory[]) => void;
  readonly describe: (source: SourceRef) => Promise<Outcome<Description> | Failure>;
}

interface Failure {
  readonly error: Omit<FileError, 'stage'>;
}

/** A text that is sent to the process that renders. */
const MAX_SOURCE_BYTES = 1_048_576;

/** Reads all plugin directories. Never rejects: whatever cannot be loaded is an error of the catalog. */
export async function loadPlugins(options: LoadOptions): Promise<Catalog> {
  const loading = new Loading(options);
  for (const directory of options.directories) await loading.add(directory);
  return loading.finish();
}

class Loading {
  readonly #errors: LoadError[] = [];
  readonly #warnings: string[] = [];
  #isComplete = true;
  readonly #found: Found[] = [];
  readonly #sources: SourceDirectory[] = [];
  readonly #groups: DeclaredGroup[] = [];
  readonly #targets = new Map<string, LoadedTarget>();
  /** Names by path. */
  readonly #paths = new Map<string, string>();
  /** By its text: many files say the same of themselves, and each of them need not hold it. */
  readonly #metadata = new Map<string, FileMetadata>();

  constructor(private readonly options: LoadOptions) {}

  async add(directory: string): Promise<void> {
    let tree: Tree;
    let path: string;
    try {
      path = await realpath(directory);
      tree = await readTree(path, this.options.trust);
    } catch (error) {
      const reason = `Plugin directory ${directory} cannot be read: ${messageOf(error)}`;
      this.#isComplete = false;
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.#warnings.push(reason);
      else this.#note({ name: null, source: directory, code: Errno.EACCES, message: reason });
      return;
    }
    if (tree.distrusted !== null) {
      const { path: source, message } = tree.distrusted;
      if (!this.options.isInsecure) {
        this.#note({ name: null, source, code: Errno.EACCES, message });
        return;
      }
      this.#warnings.push(`${message}, and is loaded all the same: etcd.insecure-plugin-dirs`);
    }
    for (const { path: source, message } of tree.odd) {
      this.#note({ name: null, source, code: Errno.EINVAL, message: `${source} ${message}` });
    }
    await this.#sort(path, tree);
  }

  async finish(): Promise<Catalog> {
    this.options.prepare(this.#sources);
    for (const found of this.#found) {
      if (this.#targets.size >= this.options.maxFiles) {
        const message = `more than ${this.options.maxFiles} files: etcd.limits.files`;
        this.#note({ name: found.name, source: found.source, code: Errno.EOVERFLOW, message });
        break;
      }
      await this.#load(found);
    }
    this.#addRows();
    const { groups, errors } = tableOfGroups(this.#groups, this.#targets.values());
    const isTarget = (name: string): boolean => this.#targets.has(name);
    const circular = new Set(errors.map(({ name }) => name));
    const dangling = danglingDependencies(groups, isTarget).filter(
      ({ name }) => !circular.has(name),
    );
    return {
      targets: this.#targets,
      groups,
      errors: [...this.#errors, ...errors, ...dangling, ...afterErrors(this.#targets)],
      warnings: this.#warnings,
      isComplete: this.#isComplete && this.#errors.every(({ name }) => name !== null),
    };
  }

  async #sort(directory: string, { files }: Tree): Promise<void> {
    const { found, groupsFile, unknown } = sortFiles(directory, files);
    this.#found.push(...found);
    for (const { relative, path } of unknown) {
      const message = relative.endsWith('.meta.json')
        ? `${relative} belongs to no file`
        : `no renderer for ${relative}`;
      this.#note({ name: null, source: path, code: Errno.EINVAL, message });
    }
    const texts: Record<string, string> = {};
    for (const { relative, path } of files) {
      if (relative.endsWith('.static') || (await stat(path)).size > MAX_SOURCE_BYTES) continue;
      texts[relative] = await readFile(path, 'utf8');
    }
    this.#sources.push({ path: directory, files: texts });
    if (groupsFile !== null) await this.#readGroups(groupsFile);
  }

  async #readGroups(source: string): Promise<void> {
    try {
      const document = parseJson(await readFile(source, 'utf8'));
      if (!isRecord(document)) throw new Error('expected an object of groups by name');
      for (const [name, raw] of Object.entries(document)) {
        this.#attempt({ name, source }, () => {
          const { description, dependencies, atomic } = parseGroup(raw);
          this.#groups.push({ name, description, dependencies, isAtomic: atomic ?? true, source });
        });
      }
    } catch (error) {
      this.#note({ name: null, source, code: Errno.EINVAL, message: messageOf(error) });
    }
  }

  /** Rows stand above what directories declare. */
  #addRows(): void {
    for (const { name, dependencies } of this.options.groupRows) {
      const source = 'etcd.groups';
      this.#attempt({ name, source }, () => {
        const { dependencies: checked } = parseGroup({ dependencies });
        this.#groups.push({
          name,
          description: null,
          dependencies: checked,
          isAtomic: false,
          source,
        });
      });
    }
  }

  async #load(found: Found): Promise<void> {
    const { name, source, directory, relative, suffix } = found;
    try {
      const renderer = suffix === 'static' ? 'static' : suffix === 'liquid' ? 'liquid' : 'script';
      const described =
        renderer === 'static' ? STATIC : await this.#describe({ directory, relative, renderer });
      const raw = await this.#metadataOf(found, described);
      const { metadata, template } = parseMetadata({ ...textsOf(described), ...raw });
      const path = targetPath(name, metadata.path, this.options);
      this.#assertFree(name, { path, isOverride: metadata.override });
      this.#targets.set(name, {
        name,
        path,
        kind: described.kind,
        renderer,
        source,
        directory,
        metadata: this.#shared(metadata),
        template: template === null ? null : besideOf(relative, template),
      });
    } catch (error) {
      const { line, column, template } = error instanceof Described ? error.fault : {};
      const place =
        line === undefined ? source : `${placeOf(template, found)}:${line}:${column ?? 1}`;
      this.#note({ name, source: place, code: codeOf(error), message: messageOf(error) });
    }
  }

  async #describe(source: SourceRef): Promise<Description> {
    const outcome = await this.options.describe(source);
    if ('error' in outcome) throw new Described(outcome.error);
    return outcome.ok;
  }

  async #metadataOf({ metadataFile }: Found, { options }: Description): Promise<object> {
    if (metadataFile === null) return options ?? {};
    if (options !== null) {
      throw new Error(`has a decorator and ${metadataFile}: one of them is enough`);
    }
    const document = parseJson(await readFile(metadataFile, 'utf8'));
    if (isRecord(document)) return document;
    throw new Error(`${metadataFile}: expected an object`);
  }

  #shared(metadata: FileMetadata): FileMetadata {
    const text = JSON.stringify(metadata);
    const known = this.#metadata.get(text) ?? metadata;
    this.#metadata.set(text, known);
    return known;
  }

  #assertFree(
    name: string,
    { path, isOverride }: { readonly path: string; readonly isOverride: boolean },
  ): void {
    const known = this.#targets.get(name);
    if (known !== undefined && !isOverride) {
      throw new Error(
        `${name} is made by ${known.source} already: say "override": true to take its place`,
      );
    }
    const other = this.#paths.get(path);
    if (other !== undefined && other !== name) {
      throw new Error(`${path} is made by ${this.#targets.get(other)?.source ?? other} already`);
    }
    if (known !== undefined) this.#paths.delete(known.path);
    this.#paths.set(path, name);
  }

  #attempt(of: Pick<LoadError, 'name' | 'source'>, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#note({ ...of, code: Errno.EINVAL, message: messageOf(error) });
    }
  }

  #note(error: LoadError): void {
    this.#errors.push(error);
  }
}

const STATIC: Description = { kind: 'file', options: null, description: null, deprecated: null };

class Described extends Error {
  constructor(readonly fault: Omit<FileError, 'stage'>) {
    super(fault.message);
  }
}

function codeOf(error: unknown): number {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'number' ? code : Errno.EINVAL;
}

function placeOf(template: string | undefined, { directory, source }: Found): string {
  if (template === undefined) return source;
  return template.startsWith('/') ? template : join(directory, template);
}

function textsOf({ description, deprecated }: Description): object {
  return {
    ...(description !== null && { description }),
    ...(deprecated !== null && { deprecated }),
  };
}

/** A template is named from the file that names it. */
function besideOf(relative: string, template: string): string {
  return normalize(join(dirname(relative), template));
}

/** JSON in which comments may stand. @throws Error with line and column */
function parseJson(text: string): unknown {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error === undefined) return value;
  const before = text.slice(0, error.offset).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  throw new Error(`${before.length}:${column}: ${printParseErrorCode(error.error)}`);
}
