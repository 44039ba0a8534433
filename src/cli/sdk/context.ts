import type { DispatcherClient } from '../../client/index.js';
import type { InjectedParameter } from '../../sdk/decorators/index.js';

/** Where a command writes what is no data. What it returns is shown by the shell. */
export interface Output {
  /** Whether somebody looks at it. */
  readonly isTerminal: boolean;
  /** Cells of a line, and lines; 80 and 24 where nobody knows. */
  readonly columns: number;
  readonly rows: number;
  /** Text of the answer. What would act on the terminal is shown instead. */
  write(text: string): void;
  /** Lines in the place of those that were shown last, as far as there is room: a picture that changes. */
  show(lines: readonly string[]): void;
  /** Told of each key that is pressed meanwhile; returns what ends that. Nothing comes where nobody types. */
  onKey(listener: (key: string) => void): () => void;
}

/** What a hook of a plugin is given. */
export interface PluginContext {
  /** That of the shell, logged in. Values are as they travel: a time is `{ $date: '…' }`. */
  readonly client: DispatcherClient;
  /** One line for people. */
  readonly tell: (line: string) => void;
  /** Fires when the shell ends. */
  readonly signal: AbortSignal;
}

/** What a command is given behind its arguments. */
export interface CommandContext extends InjectedParameter {
  /** That of the shell, logged in. Values are as they travel: a time is `{ $date: '…' }`. */
  readonly client: DispatcherClient;
  readonly output: Output;
  /** How far it is, in percent, where that is known, and what it does: a line on a terminal. */
  readonly progress: (percentage: number | null, message?: string) => void;
  /** Fires at ^C: whatever is under way is to end. */
  readonly signal: AbortSignal;
}

/** What a stage is given behind its arguments. */
export interface StageContext extends CommandContext {
  /** What comes from the left, one by one as it is asked for. Whoever stops asking ends it. */
  readonly rows: AsyncIterable<unknown>;
}

/** What completes an argument may ask: `query` methods, and nothing that changes something. */
export interface QueryClient {
  /** @throws (rejects with) CommandError for a method that is no query */
  call<Result = unknown>(method: string, args?: readonly unknown[]): Promise<Result>;
}
