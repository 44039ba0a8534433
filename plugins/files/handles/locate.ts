import { Errno, FolderHandle, TaskException } from 'dispatcher';
import { join, normalize } from 'node:path';
import { codeOf, fileError } from '../tree/file-errors.js';
import { isFixedStep } from './fixed-step.js';
import { closeLocated, type Located } from './located.js';
import type { Reach } from './reach.js';

/** As many as the kernel follows. */
const MAX_LINKS = 40;

/** Where the way down ended: at the place, before a name that is not there, or at another way. */
type Descent =
  | { readonly kind: 'arrived'; readonly located: Located }
  | { readonly kind: 'missing'; readonly path: string; readonly lacks: string }
  | { readonly kind: 'diverted'; readonly names: readonly string[]; readonly isLink: boolean };

/**
 * Goes down to a path, folder by folder from `/`, each opened in the one before: it is resolved
 * once, here. A link on the way is followed only where nobody but root and the server's own user
 * could have put it or put another in its place, such as /bin or /var/run; the last name is never
 * followed.
 *
 * @throws TaskException ENOENT, EPERM for a link that is not followed, for what is out of reach and
 *   for what is the server's own
 */
export async function locate(path: string, reach: Reach): Promise<Located> {
  const descent = await descend(path, reach);
  if (descent.kind === 'arrived') return descent.located;
  throw fileError(notFound(), 'find', descent.lacks);
}

/** The path as {@link locate} would give it, as far as it is there already. @throws TaskException */
export async function plainPath(path: string, reach: Reach): Promise<string> {
  const descent = await descend(path, reach);
  if (descent.kind === 'missing') return descent.path;
  await closeLocated(descent.located);
  return descent.located.path;
}

/** Does something with what lies at a path. @throws TaskException as {@link locate} does */
export async function withLocated<T>(
  path: string,
  reach: Reach,
  work: (located: Located) => Promise<T>,
): Promise<T> {
  const located = await locate(path, reach);
  try {
    return await work(located);
  } finally {
    await closeLocated(located);
  }
}

async function descend(
  path: string,
  reach: Reach,
): Promise<Exclude<Descent, { readonly kind: 'diverted' }>> {
  let names: readonly string[] = normalize(path)
    .split('/')
    .filter((name) => name !== '');
  for (let links = 0; links <= MAX_LINKS;) {
    const descent = await new Descender(names, { path, reach }).run();
    if (descent.kind !== 'diverted') return descent;
    ({ names } = descent);
    if (descent.isLink) links += 1;
  }
  throw new TaskException(Errno.EINVAL, `Cannot find ${path}: too many symbolic links`, { path });
}

/** One way down. At a link it stops, for the way then begins anew. */
class Descender {
  readonly #chain: string[] = [];
  /** Whether the folder at hand is one that only root and the server's user could put there. */
  #isFixed = true;

  constructor(
    private readonly names: readonly string[],
    private readonly asked: { readonly path: string; readonly reach: Reach },
  ) {}

  async run(): Promise<Descent> {
    let folder = await FolderHandle.root();
    this.#chain.push(folder.id);
    try {
      for (const [index, name] of this.names.slice(0, -1).entries()) {
        const next = await this.#step(folder, index, name);
        if (!(next instanceof FolderHandle)) {
          await folder.close();
          return next;
        }
        await folder.close();
        folder = next;
        this.#chain.push(folder.id);
      }
      return { kind: 'arrived', located: await this.#arrive(folder) };
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  async #step(folder: FolderHandle, index: number, name: string): Promise<FolderHandle | Descent> {
    const { names } = this;
    // only in what a link says; the names before it are no links, so that their last is the parent
    if (name === '..') {
      const rest = [...names.slice(0, Math.max(0, index - 1)), ...names.slice(index + 1)];
      return { kind: 'diverted', names: rest, isLink: false };
    }
    const at = this.#pathOf(index);
    let next: FolderHandle;
    try {
      next = await folder.folder(name);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return this.#missing(at);
      if (codeOf(error) === 'ENOTDIR') return this.#divert(folder, index, error);
      throw fileError(error, 'find', at);
    }
    try {
      this.asked.reach.assertForeign({ folder, name, path: at }, next.stats);
    } catch (error) {
      await next.close();
      throw error;
    }
    this.#isFixed &&= isFixedStep(folder.stats, next.stats);
    return next;
  }

  async #divert(folder: FolderHandle, index: number, cause: unknown): Promise<Descent> {
    const { names } = this;
    const [name, at] = [names[index] ?? '', this.#pathOf(index)];
    const stats = await folder.lstat(name).catch(() => null);
    if (stats?.isSymbolicLink() !== true) throw fileError(cause, 'find', at);
    if (!this.#isFixed || !isFixedStep(folder.stats, stats)) throw refusedLink(this.asked.path, at);
    const target = await folder.readlink(name);
    const before = target.startsWith('/') ? [] : names.slice(0, index);
    const through = target.split('/').filter((part) => part !== '' && part !== '.');
    return {
      kind: 'diverted',
      names: [...before, ...through, ...names.slice(index + 1)],
      isLink: true,
    };
  }

  async #arrive(folder: FolderHandle): Promise<Located> {
    const { reach } = this.asked;
    const name = this.names.at(-1) ?? '';
    const path = join('/', ...this.names);
    const found = await this.#lookAt(folder, name, path);
    try {
      if (found.stats !== null) reach.assertForeign({ folder, name, path }, found.stats);
      else reach.assertForeignName({ folder, name, path });
      reach.assertInside(path, this.#chain, found.self);
      return { path, folder, name, chain: this.#chain, ...found };
    } catch (error) {
      await found.self?.close();
      throw error;
    }
  }

  async #lookAt(
    folder: FolderHandle,
    name: string,
    path: string,
  ): Promise<Pick<Located, 'stats' | 'self'>> {
    try {
      const stats = await folder.lstat(name);
      if (!stats.isDirectory()) return { stats, self: null };
      const self = await folder.folder(name);
      return { stats: self.stats, self };
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return { stats: null, self: null };
      throw fileError(error, 'find', path);
    }
  }

  #missing(lacks: string): Descent {
    const path = join('/', ...this.names);
    this.asked.reach.assertInside(path, this.#chain, null);
    return { kind: 'missing', path, lacks };
  }

  #pathOf(index: number): string {
    return join('/', ...this.names.slice(0, index + 1));
  }
}

function refusedLink(path: string, link: string): TaskException {
  return new TaskException(
    Errno.EPERM,
    `Cannot find ${path}: ${link} is a symbolic link that not only root can exchange, and is not followed. Name the folder that it leads to`,
    { path, link },
  );
}

function notFound(): Error {
  return Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
}
