import { setMaxListeners } from 'node:events';
import { Options } from '../arguments/index.js';
import type { Session } from '../session/index.js';
import { causeOf, ExitRequest, runText, statusOf, told } from './evaluation/index.js';
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
import { PluginSet, queryClientOf } from './plugins/index.js';
import type { BegunTask, Outcome, ShellIo } from './shell-io.js';
import type { CollectedTask, ShellOptions, ShellState } from './shell-state.js';

export interface EvaluateOptions {
  /** Of the file that the text is from, for messages; without one it was typed. */
  readonly name?: string;
}

/**
 * What a session with a server knows: the tree, the place, variables, aliases, the tasks that it began.
 * Terminals, history and completion are somebody else's.
 *
 * @example
 * const shell = await Shell.open(session, { env, hasPrivate: false, hasFiles: true, warn });
 * const { status } = await shell.evaluate('user show uid>10 | limit 2', io);
 */
export class Shell implements ShellState {
  readonly variables = new Map<string, unknown>();
  readonly aliases: Map<string, string>;
  readonly jobs = new Map<number, BegunTask>();
  readonly plugins: PluginSet;
  collected: CollectedTask[] | null = null;
  status = 0;
  /** As the server says, without what plugins bring. */
  #tree: Namespace;
  #root: Namespace;
  #place: Place;
  #before: readonly string[] = [];
  readonly #listeners = new Set<() => void>();
  /** What is from disk counts as old. */
  #readAt = -Infinity;

  private constructor(
    readonly session: Session,
    readonly options: ShellOptions,
    root: Namespace,
  ) {
    this.#tree = root;
    this.#root = root;
    this.#place = topOf(root);
    const { env, warn, onForeignCode = () => undefined } = options;
    const queries = queryClientOf({ session, isQuery: (method) => this.#isQuery(method) });
    this.plugins = new PluginSet({ session, queries, env, warn, onForeignCode });
    this.aliases = new Map(Object.entries(session.cli.aliases));
    setMaxListeners(0, session.signal);
  }

  /** Asks the server what it offers. @throws (rejects with) what a call is answered with */
  static async open(session: Session, options: ShellOptions): Promise<Shell> {
    const shell = new Shell(session, options, await readTree(session, options));
    if (shell.plugins.isAtStart) await shell.loadPlugins();
    return shell;
  }

  get root(): Namespace {
    return this.#root;
  }

  get serverRoot(): Namespace {
    return this.#tree;
  }

  get place(): Place {
    return this.#place;
  }

  goTo(place: Place): void {
    this.#before = wordsOf(this.#place);
    this.#place = place;
  }

  get placeBefore(): Place {
    return nearestPlace(this.#root, this.#before).place;
  }

  /** Told after every new tree; returns what ends that. */
  onTree(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async refresh(): Promise<string | null> {
    const { session, options } = this;
    this.#tree = await readTree(session, options, { isFresh: true });
    this.#readAt = performance.now();
    return this.#grow();
  }

  async loadPlugins(): Promise<boolean> {
    const { plugins } = this;
    if (plugins.isLoaded) return false;
    await plugins.load();
    this.#grow();
    for (const [name, line] of plugins.aliases) {
      if (!this.aliases.has(name)) this.aliases.set(name, line);
    }
    return true;
  }

  /** Tells plugins that it ends. */
  close(): Promise<void> {
    return this.plugins.close();
  }

  #isQuery(method: string): boolean {
    const dot = method.lastIndexOf('.');
    const { place, isWhole } = nearestPlace(this.#tree, method.slice(0, dot).split('.'));
    const found = isWhole ? place.namespace.commands.get(method.slice(dot + 1)) : undefined;
    return found?.kind === 'method' && found.isQuery;
  }

  /** The tree with what plugins bring; the place stays as far as it is there. */
  #grow(): string | null {
    this.#root = this.plugins.graft(this.#tree);
    const was = this.#place;
    const { place, isWhole } = nearestPlace(this.#root, wordsOf(was));
    this.#place = place;
    for (const listener of this.#listeners) listener();
    return isWhole ? null : pathText(was);
  }

  async refreshIfOld(): Promise<boolean> {
    if (performance.now() - this.#readAt < FRESH_MS) return false;
    await this.refresh();
    return true;
  }

  /**
   * Carries out a line, or a script of many. What goes wrong is told in `io.notices` and in the status; the
   * first pipeline that fails ends it.
   *
   * @throws (rejects with) what ended the session, when that is over
   */
  async evaluate(text: string, io: ShellIo, { name }: EvaluateOptions = {}): Promise<Outcome> {
    const { session, options } = this;
    const signal = AbortSignal.any([session.signal, io.signal]);
    setMaxListeners(0, signal);
    try {
      if (this.plugins.isMeantIn(text)) await this.loadPlugins();
      await runText(
        { text, name: name ?? null },
        {
          shell: this,
          io,
          signal,
          format: options.format ?? NO_OPTIONS,
          isDry: options.isDry ?? false,
          isBackground: false,
          depth: 0,
        },
      );
      return { status: 0, isExit: false };
    } catch (error) {
      if (session.signal.aborted) throw session.signal.reason;
      const around = { signal, io };
      io.notices.write(told(error, around));
      const status = statusOf(error, around);
      this.status = status;
      return { status, isExit: causeOf(error) instanceof ExitRequest };
    }
  }
}

const NO_OPTIONS = new Options(new Map());
/** What was asked a moment ago is not asked again. */
const FRESH_MS = 1_000;

async function readTree(
  session: Session,
  { env, hasPrivate }: ShellOptions,
  more: { readonly isFresh?: true } = {},
): Promise<Namespace> {
  return buildTree(await apiOf(session, { env, ...more }), { hasPrivate });
}
