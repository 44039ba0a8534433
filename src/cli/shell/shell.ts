import { setMaxListeners } from 'node:events';
import type { Session } from '../session/index.js';
import {
  apiOf,
  buildTree,
  type Namespace,
  nearestPlace,
  pathText,
  type Place,
  topOf,
  wordsOf,
} from './namespaces/index.js';
import type { BegunTask, Outcome, ShellIo } from './shell-io.js';

export interface ShellOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Also what is for plugins only. */
  readonly hasPrivate: boolean;
  /** Nothing on this machine is written or read by a line: no `>`, `save`, `source`, `key@FILE`. */
  readonly hasFiles: boolean;
}

/** A value of a variable, in its form on the wire. */
export type Variables = Map<string, unknown>;

/**
 * What a session with a server knows: the tree, the place, variables, aliases, the tasks that it began.
 * Terminals, history and completion are somebody else's.
 *
 * @example
 * const shell = await Shell.open(session, { env, hasPrivate: false, hasFiles: true });
 * const { status } = await shell.evaluate('user show uid>10 | limit 2', io);
 */
export class Shell {
  readonly variables: Variables = new Map();
  readonly aliases: Map<string, string>;
  /** Tasks that lines of this shell have begun and that nobody has seen end, by their numbers. */
  readonly jobs = new Map<number, BegunTask>();
  #root: Namespace;
  #place: Place;
  #before: readonly string[] = [];
  readonly #listeners = new Set<() => void>();

  private constructor(
    readonly session: Session,
    readonly options: ShellOptions,
    root: Namespace,
  ) {
    this.#root = root;
    this.#place = topOf(root);
    this.aliases = new Map(Object.entries(session.cli.aliases));
    setMaxListeners(0, session.signal);
  }

  /** Asks the server what it offers. @throws (rejects with) what a call is answered with */
  static async open(session: Session, options: ShellOptions): Promise<Shell> {
    return new Shell(session, options, await readTree(session, options));
  }

  /** The tree as it is now; another object after every change. */
  get root(): Namespace {
    return this.#root;
  }

  get place(): Place {
    return this.#place;
  }

  /** Goes to a place; `-` comes back to the one before. */
  goTo(place: Place): void {
    this.#before = wordsOf(this.#place);
    this.#place = place;
  }

  /** The place that one was at before, as far as it is still there. */
  get placeBefore(): Place {
    return nearestPlace(this.#root, this.#before).place;
  }

  /** Told after every new tree; returns what ends that. */
  onTree(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Asks the server anew. The place stays; where it has gone it is the nearest ancestor.
   *
   * @returns the text of the place that has gone; null when it is still there
   */
  async refresh(): Promise<string | null> {
    const { session, options } = this;
    this.#root = await readTree(session, options, { isFresh: true });
    const was = this.#place;
    const { place, isWhole } = nearestPlace(this.#root, wordsOf(was));
    this.#place = place;
    for (const listener of this.#listeners) listener();
    return isWhole ? null : pathText(was);
  }

  /**
   * Carries out a line, or a script of many. Never rejects: what goes wrong is told in `io.notices` and in
   * the status. The first pipeline that fails ends it.
   */
  async evaluate(_text: string, io: ShellIo): Promise<Outcome> {
    io.notices.write('Not yet\n');
    return Promise.resolve({ status: 1, isExit: false });
  }
}

async function readTree(
  session: Session,
  { env, hasPrivate }: ShellOptions,
  more: { readonly isFresh?: true } = {},
): Promise<Namespace> {
  return buildTree(await apiOf(session, { env, ...more }), { hasPrivate });
}
