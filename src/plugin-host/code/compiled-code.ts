import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Compile, compilePluginSource, compilerVersion } from './plugin-compiler.js';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** Whoever may write here may run code as the server. */
const OTHERS_WRITE = 0o022;
const MAX_ENTRIES = 2_000;
const DIGEST_CHARACTERS = 64;

/**
 * Compiled code of plugins, kept on disk from one start to the next: the compiler takes 40 MB and a good
 * part of a second, and is loaded for text alone that it has not seen.
 *
 * An entry is named by what it was made from (compiler, path, text) and begins with the digest of its
 * own text, so that a torn one is compiled again. A folder or an entry that is not this user's alone is
 * not read. Whatever goes wrong with the disk costs time and nothing else.
 */
export class CompiledCode {
  /** Null: there is no folder to trust. */
  readonly #folder: string | null;
  #added = 0;

  constructor(
    folder: string,
    private readonly compileNew: Compile = compilePluginSource,
  ) {
    this.#folder = orNull(() => ownFolder(folder));
    this.#prune();
  }

  /** @throws what the compiler throws */
  readonly compile: Compile = (source, filename) => {
    if (this.#folder === null) return this.compileNew(source, filename);
    const entry = join(this.#folder, `${digest(compilerVersion(), filename, source)}.js`);
    const kept = orNull(() => readEntry(entry));
    if (kept !== null) return kept;
    const code = this.compileNew(source, filename);
    orNull(() => writeEntry(entry, code));
    this.#added += 1;
    if (this.#added % MAX_ENTRIES === 0) this.#prune();
    return code;
  };

  /** Code that changed leaves its entry behind: with too many of them the folder begins anew. */
  #prune(): void {
    const folder = this.#folder;
    if (folder === null) return;
    orNull(() => {
      const entries = readdirSync(folder);
      if (entries.length <= MAX_ENTRIES) return;
      for (const entry of entries) rmSync(join(folder, entry), { recursive: true, force: true });
    });
  }
}

/** @throws Error when the folder is not this user's alone */
function ownFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  const stats = lstatSync(folder);
  if (!stats.isDirectory() || !isOwn(stats)) throw new Error(`${folder} is not safe`);
  return folder;
}

/** Null for an entry that is torn or not this user's alone. */
function readEntry(file: string): string | null {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || !isOwn(stats)) return null;
    const text = readFileSync(descriptor, 'utf8');
    const code = text.slice(DIGEST_CHARACTERS + 1);
    return text.slice(0, DIGEST_CHARACTERS) === digest(code) ? code : null;
  } finally {
    closeSync(descriptor);
  }
}

/** Under another name first: two servers may share the folder, and a start may be cut short. */
function writeEntry(file: string, code: string): void {
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  try {
    writeFileSync(draft, `${digest(code)}\n${code}`, { mode: FILE_MODE, flag: 'wx' });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function isOwn({ uid, mode }: Stats): boolean {
  return uid === process.geteuid?.() && (mode & OTHERS_WRITE) === 0;
}

/** A full disk or a folder that is gone must not keep a plugin from being loaded. */
function orNull<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

/** Of the parts and where each begins. */
function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
