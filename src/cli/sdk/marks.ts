import 'reflect-metadata';

/** What `@command` says. */
export interface CommandOptions {
  /** As it is typed; of a method its own name otherwise. A class needs one. */
  readonly name?: string;
  /** Of a class: the namespace that it is in, `system` or `system.process`; the top without one. */
  readonly in?: string;
  /** It takes the place of what the shell derives from the server, or of a word of the shell's own. */
  readonly override?: boolean;
}

interface CommandMark extends CommandOptions {
  /** Of a method; null on a class. */
  readonly method: string | null;
  /** Of a class: the namespace that the command is in, its words. */
  readonly path: readonly string[];
}

/** What the decorators of one class said. */
interface Marks {
  readonly namespace?: readonly string[];
  readonly commands?: readonly CommandMark[];
  readonly stage?: string;
  /** The method that completes, by the name of the argument. */
  readonly completers?: ReadonlyMap<string, string>;
}

/** Shared by copies of this module, as one program may have two. */
const KEY = Symbol.for('dispatcher:cli');

export const marksOf = (type: object): Marks =>
  (Reflect.getOwnMetadata(KEY, type) as Marks | undefined) ?? {};

export function mark(type: object, more: (before: Marks) => Marks): void {
  const before = marksOf(type);
  Reflect.defineMetadata(KEY, { ...before, ...more(before) }, type);
}

/** The words of a path: `system.process` and `system process` are the same. */
export const pathOf = (text: string): readonly string[] =>
  text.split(/[.\s/]+/).filter((word) => word !== '');
