import type { TaskRow } from '../../client/index.js';
import type { CommandIo } from '../command.js';
import type { Schema } from '../values/index.js';

/** The surroundings of one line: where its answer goes, who can be asked, what ends it. */
export interface ShellIo extends Pick<CommandIo, 'input' | 'output' | 'notices' | 'env' | 'lend'> {
  /** Ends what the line does: ^C while it runs. */
  readonly signal: AbortSignal;
  /** Asks for the argument that is missing; null where nobody can be asked. */
  readonly ask: ((missing: MissingValue) => Promise<string>) | null;
  /**
   * Follows a task that the line began to its end, and shows what there is to see.
   *
   * @returns its row; null when it was left to go on in the background
   */
  readonly followTask: (task: BegunTask) => Promise<TaskRow | null>;
  /** The same of a task that is waited for and was begun elsewhere: the line's end is not its end. */
  readonly watchTask: (task: BegunTask) => Promise<TaskRow | null>;
  /** A line that says how far something is; it is nowhere in the answer. */
  readonly progress: { show(text: string): void; clear(): void };
  /** Told of the keys that are pressed while the line runs; returns what ends that. Null where nobody types. */
  readonly onKey: ((listener: (key: string) => void) => () => void) | null;
  /** Told of a task that the line began and does not wait for. */
  readonly onBackground: (task: BegunTask) => void;
}

export interface BegunTask {
  readonly id: number;
  readonly name: string;
}

/** An argument that has to be given and was not. */
export interface MissingValue {
  readonly name: string;
  readonly description: string;
  /** In a word or two: `integer`, `once | none`. */
  readonly type: string;
  readonly schema: Schema;
  /** It is a password: what is typed must not be seen. */
  readonly isSecret: boolean;
}

/** What became of a line or a script. */
export interface Outcome {
  /** As a program would end with; of the last pipeline. */
  readonly status: number;
  /** `exit` was among it: the shell is to end with the status. */
  readonly isExit: boolean;
}
