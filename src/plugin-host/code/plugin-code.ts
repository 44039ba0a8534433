import { readFileSync } from 'node:fs';
import Module, { createRequire, isBuiltin } from 'node:module';
import { dirname } from 'node:path';
import { messageOf } from '../../common/index.js';
import { classMetadataTargets, purgeClassMetadata } from '../../schema/index.js';
import { locateError } from './error-location.js';
import { isFileSpecifier, resolveFile } from './file-resolver.js';
import { isSharedModule, requireFromServer, requireShared } from './host-modules.js';
import { importOwnPackages } from './own-packages.js';
import { shareWithPackages } from './package-sharing.js';
import { type Compile, compilePluginSource } from './plugin-compiler.js';
import { tryResolve } from './try-resolve.js';
import { withoutEnding } from './without-ending.js';

interface ModuleRecord {
  exports: unknown;
}

interface LoadedFile {
  readonly record: ModuleRecord;
  readonly code: string;
  /** Node keeps a source map for as long as the module that it compiled for it lives. */
  readonly carrier: Module;
}

interface Require {
  (specifier: string): unknown;
  resolve(specifier: string): string;
}
type Body = (
  this: unknown,
  exports: unknown,
  require: Require,
  module: ModuleRecord,
  filename: string,
  directory: string,
) => void;
type Target = Parameters<typeof purgeClassMetadata>[0] extends Iterable<infer T> ? T : never;

/**
 * The code of one generation of a plugin: its entry file and every file that is imported by a
 * relative path, read from disk and evaluated for this generation alone. Nothing of it is in any
 * cache of Node's, so it is gone as soon as nobody refers to it.
 */
export class PluginCode {
  readonly #files = new Map<string, LoadedFile>();
  /** Text of the JSON files that were imported. */
  readonly #data = new Map<string, string>();
  readonly #decorated = new Set<Target>();
  #depth = 0;

  /**
   * @param given what `sources()` of the same generation said in another process: these files are
   *   not read from disk, where they may be others by now or gone
   */
  constructor(
    private readonly entry: string,
    private readonly given: ReadonlyMap<string, string> = new Map(),
    private readonly compile: Compile = compilePluginSource,
  ) {}

  /**
   * To be awaited before {@link load}: what of the plugin's packages has to be there by then.
   *
   * @throws (rejects with) whatever the code of a package throws; SyntaxError as {@link load}
   */
  prepare(): Promise<void> {
    return importOwnPackages(this.entry, (file) => this.#codeOf(file));
  }

  /**
   * Evaluates the entry file and returns what it exports.
   *
   * @throws whatever the code throws; SyntaxError and Error for files that cannot be compiled or found
   */
  load(): unknown {
    return this.#loadFile(this.entry);
  }

  /** Where in these files an error was thrown, relative to the entry file's folder, or null. */
  locate(error: unknown): string | null {
    return locateError(error, this.entry, (file) => this.#files.get(file)?.code);
  }

  /** The compiled text of every file evaluated so far, and that of JSON files, by absolute path. */
  sources(): ReadonlyMap<string, string> {
    const code = Array.from(this.#files, ([path, file]) => [path, file.code] as const);
    return new Map([...this.#data, ...code]);
  }

  /** What the files evaluated so far export, the entry file first. */
  exported(): unknown[] {
    return Array.from(this.#files.values(), ({ record }) => record.exports);
  }

  /** Forgets the files and what libraries hold of their classes. */
  dispose(): void {
    purgeClassMetadata(this.#decorated);
    this.#decorated.clear();
    this.#files.clear();
    this.#data.clear();
  }

  #require(specifier: string, importer: string): unknown {
    if (isSharedModule(specifier)) return requireShared(specifier);
    if (isFileSpecifier(specifier)) return this.#loadFile(this.#resolve(specifier, importer));
    return requirePackage(specifier, importer);
  }

  #loadFile(filename: string): unknown {
    const loaded = this.#files.get(filename);
    if (loaded !== undefined) return loaded.record.exports;
    if (filename.endsWith('.json')) return this.#loadJson(filename);
    if (filename.endsWith('.node')) return requireFromServer(filename);
    const file: LoadedFile = {
      record: { exports: {} },
      code: this.#codeOf(filename),
      carrier: new Module(filename),
    };
    this.#files.set(filename, file); // before it runs: files may import each other
    this.#noticingClasses(() => this.#evaluate(filename, file));
    return file.record.exports;
  }

  #codeOf(filename: string): string {
    return this.given.get(filename) ?? this.compile(readFileSync(filename, 'utf8'), filename);
  }

  #resolve(specifier: string, importer: string): string {
    return resolveFile(specifier, importer, (path) => this.given.has(path));
  }

  #loadJson(filename: string): unknown {
    const text = this.given.get(filename) ?? readFileSync(filename, 'utf8');
    this.#data.set(filename, text);
    return parseJson(text, filename);
  }

  /**
   * Compiles as Node compiles a CommonJS file; the body it exports takes a `require` that knows this
   * generation. Measured: unlike a `vm.Script`, what `_compile` makes is collected once it is
   * unreachable, and unlike `vm.compileFunction` it needs nothing experimental.
   */
  #evaluate(filename: string, { record, code, carrier }: LoadedFile): void {
    (carrier as Module & { _compile(code: string, filename: string): void })._compile(
      code,
      filename,
    );
    const body = carrier.exports as Body;
    const require: Require = Object.assign(
      (specifier: string) => this.#require(specifier, filename),
      { resolve: (specifier: string) => resolveSpecifier(specifier, filename) },
    );
    body.call(record.exports, record.exports, require, record, filename, dirname(filename));
  }

  /**
   * class-validator and class-transformer keep every decorated class for ever. Evaluation is
   * synchronous, so what they know more afterwards is this generation's, also when a file is
   * imported late.
   */
  #noticingClasses(evaluate: () => void): void {
    if (this.#depth > 0) {
      evaluate();
      return;
    }
    const before = classMetadataTargets();
    this.#depth += 1;
    try {
      withoutEnding(evaluate);
    } finally {
      this.#depth -= 1;
      for (const target of classMetadataTargets()) {
        if (!before.has(target)) this.#decorated.add(target);
      }
    }
  }
}

function resolveSpecifier(specifier: string, importer: string): string {
  if (isFileSpecifier(specifier)) return resolveFile(specifier, importer);
  return createRequire(isSharedModule(specifier) ? import.meta.url : importer).resolve(specifier);
}

/** A package: found as Node finds it from the plugin's file, else among the server's own. */
function requirePackage(specifier: string, importer: string): unknown {
  if (isBuiltin(specifier)) return requireFromServer(specifier);
  const requireFromPlugin = createRequire(importer);
  const path = tryResolve(requireFromPlugin, specifier);
  if (path !== null) {
    shareWithPackages(path);
    return requireFromPlugin(path);
  }
  if (tryResolve(requireFromServer, specifier) !== null) return requireFromServer(specifier);
  throw new Error(`Cannot find package ${specifier}, imported by ${importer}`);
}

function parseJson(text: string, filename: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new SyntaxError(`${messageOf(error)} (${filename})`, { cause: error });
  }
}
