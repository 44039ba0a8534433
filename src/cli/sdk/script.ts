import type { DispatcherClient } from '../../client/index.js';

/** What the script of `dispatcher-cli run` is given. */
export interface ScriptContext {
  /** Logged in; values as the language has them, a time is a Date. */
  readonly client: DispatcherClient;
  /** The words behind the name of the script. */
  readonly args: readonly string[];
  /** Fires at ^C. */
  readonly signal: AbortSignal;
}

/** The default export of a script. What it returns is printed; `CommandError` says with which status it ends. */
export type Script = (context: ScriptContext) => unknown;
