import type { Readable, Writable } from 'node:stream';

/** What a command is run with. */
export interface CommandContext {
  /** The words of the whole command line, the command's own name and the options before it included. */
  readonly argv: readonly string[];
  readonly defaultUrl: string;
  /** The password of whoever runs the command; empty for the login without one on this machine. */
  readonly ownPassword: string;
  readonly input: Readable;
  readonly output: Writable;
  /** For people: what happens, and what is wrong. */
  readonly notices: Writable;
}

/** Resolves with the exit status; what it throws is told by {@link exitStatusOf}. */
export type Command = (context: CommandContext) => Promise<number>;
