import type { CallArguments, CallOptions } from '../../../client/index.js';
import { isDispatcherError } from '../../../common/portable.js';
import type { Options } from '../../arguments/index.js';
import { UnreachableError } from '../../exit-status.js';
import type { Pipeline, Statement } from '../grammar/index.js';
import type { ShellIo } from '../shell-io.js';
import type { ShellState } from '../shell-state.js';
import type { Flow } from './flow.js';
import type { PreparedPipeline } from './prepared-pipeline.js';

/** Where a text came from, for messages. */
export interface Script {
  readonly text: string;
  /** Of the file; null for a line that was typed: it stands right above the message. */
  readonly name: string | null;
}

/**
 * What carries out a line within a line. It is handed to whatever reads words and runs commands: that is part of
 * how a line is carried out, and could not import it.
 */
export interface LineRunner {
  /** Runs a text, as `source` does: nothing of it when it cannot be read. @throws PlacedError */
  readonly run: (script: Script, evaluation: Evaluation) => Promise<void>;
  /** What a pipeline would do: nothing has been called but what stands in `$(…)`. */
  readonly prepared: (pipeline: Pipeline, evaluation: Evaluation) => Promise<PreparedPipeline>;
  /** What comes out at the end of the stages of a pipeline. */
  readonly flow: (pipeline: Pipeline, evaluation: Evaluation) => Promise<Flow>;
  /** What a pipeline gives, as one value, and nothing is shown: `$(…)`. */
  readonly captured: (pipeline: Pipeline, evaluation: Evaluation) => Promise<unknown>;
  /** What the pipelines of a block give, and nothing is shown. */
  readonly values: (
    block: readonly Statement[],
    evaluation: Evaluation,
  ) => Promise<readonly unknown[]>;
}

/** What one line or script is carried out with. */
export interface Evaluation {
  readonly shell: ShellState;
  readonly io: ShellIo;
  readonly script: Script;
  readonly runner: LineRunner;
  /** Fires at ^C, and when the session is over. */
  readonly signal: AbortSignal;
  /** In which form answers are shown where the line says nothing. */
  readonly format: Options;
  /** What changes something is said and not done. */
  readonly isDry: boolean;
  /** The tasks of this line are not waited for. */
  readonly isBackground: boolean;
  /** How many scripts have called each other. */
  readonly depth: number;
}

/** For how long a line waits for a connection that went. */
const PATIENCE_MS = 5_000;

/** Calls a method; where the connection has gone it is waited for a while. @throws UnreachableError */
export async function callMethod(
  { shell, signal }: Pick<Evaluation, 'shell' | 'signal'>,
  method: string,
  args: CallArguments = [],
  options: CallOptions = {},
): Promise<unknown> {
  await connected({ shell, signal });
  return shell.session.call(method, args, { ...options, signal });
}

/** @throws UnreachableError when the connection went and does not come back at once */
export async function connected({
  shell,
  signal,
}: Pick<Evaluation, 'shell' | 'signal'>): Promise<void> {
  const { client, url } = shell.session;
  if (client.state.kind === 'authenticated') return;
  const limit = AbortSignal.timeout(PATIENCE_MS);
  try {
    await client.ready(AbortSignal.any([signal, limit]));
  } catch (cause) {
    if (!limit.aborted && !isDispatcherError(cause)) throw cause;
    signal.throwIfAborted();
    throw new UnreachableError(`${url}: not connected`, { cause });
  }
}
