import type { Readable, Writable } from 'node:stream';
import type { Options } from './arguments/options.js';

/** What a word of the command line may be; completion looks it up in what the server offers. */
export type Completes =
  'method' | 'task' | 'service' | 'name' | 'event' | 'plugin' | 'file' | 'none' | readonly string[];

/** An option, as help, completion and the manual page tell of it. */
export interface OptionSpec {
  readonly description: string;
  /** What stands for its value; absent for an option that takes none. */
  readonly value?: string;
  readonly short?: string;
  /** It may be given more than once. */
  readonly isMultiple?: true;
  readonly completes?: Completes;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** A word behind the command. */
export interface OperandSpec {
  readonly name: string;
  readonly description: string;
  readonly isOptional?: true;
  readonly isMultiple?: true;
  readonly completes?: Completes;
}

interface Named {
  readonly name: string;
  /** One line, for lists of commands. */
  readonly summary: string;
}

/** Commands below a word. */
export interface CommandGroup extends Named {
  readonly commands: readonly CommandSpec[];
}

/** A command, which is loaded when it is run: a call waits for no code but its own. */
export interface Command extends Named {
  readonly operands?: readonly OperandSpec[];
  readonly options?: OptionSpecs;
  /** More than the summary, for its help and the manual page. */
  readonly details?: string;
  readonly examples?: readonly string[];
  /** Whether it logs in to a server: then it takes the options that say where and as whom. */
  readonly talks?: true;
  /** Whether it prints data: then it takes the options that say in which form. */
  readonly prints?: true;
  /** Whether it ends by itself at ^C; those that talk to a server do. */
  readonly endsAtInterrupt?: true;
  /** Not listed anywhere: it is for programs. */
  readonly isHidden?: true;
  readonly load: () => Promise<Run>;
}

export type CommandSpec = Command | CommandGroup;

export const isGroup = (spec: CommandSpec): spec is CommandGroup => 'commands' in spec;

/** Resolves with the exit status; nothing is 0. What it throws is told by `exitStatusOf`. */
export type Run = (invocation: Invocation) => Promise<number | undefined>;

/** What a command is run with. */
export interface Invocation {
  readonly command: Command;
  /** The words that lead to it: `user add`. */
  readonly path: string;
  readonly operands: readonly string[];
  readonly options: Options;
  readonly io: CommandIo;
}

/** The surroundings of a command; tests hand in their own. */
export interface CommandIo {
  readonly input: Readable & { readonly isTTY?: boolean };
  /** The result and nothing else. */
  readonly output: Writable & {
    readonly isTTY?: boolean;
    readonly columns?: number;
    readonly rows?: number;
  };
  /** For people: what happens, and what is wrong. */
  readonly notices: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: NodeJS.ProcessEnv;
  /** Fires at ^C. */
  readonly interrupt: AbortSignal;
  /** Lends the terminal to another program, such as a pager; absent where nobody has it. */
  readonly lend?: <T>(work: () => Promise<T>) => Promise<T>;
  /** Code of others has run and may have left something running: the program ends with the command. */
  readonly endAtReturn?: () => void;
  /** For a command that leaves nothing half done: from now on ^C ends the program. */
  readonly endAtInterrupt: () => void;
}
