import type { CallArguments, CallOptions } from '../../../client/index.js';
import { isDispatcherError } from '../../../common/portable.js';
import type { Options } from '../../arguments/index.js';
import { UnreachableError } from '../../exit-status.js';
import type { Shell } from '../shell.js';
import type { ShellIo } from '../shell-io.js';

/** Where a text came from, for messages. */
export interface Script {
  readonly text: string;
  /** Of the file; null for a line that was typed: it stands right above the message. */
  readonly name: string | null;
}

/** What carries out one line or script. */
export interface Evaluation {
  readonly shell: Shell;
  readonly io: ShellIo;
  readonly script: Script;
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

/** What a command or a stage hands on. */
export type Flow =
  | { readonly kind: 'none' }
  | { readonly kind: 'value'; readonly value: unknown }
  | {
      readonly kind: 'rows';
      readonly rows: AsyncIterable<unknown>;
      /** Of a table, where somebody chose them. */
      readonly columns: readonly string[] | null;
    }
  | { readonly kind: 'text'; readonly text: string };

export const NONE: Flow = { kind: 'none' };

/** An answer as a flow: a list is rows, anything else a value. */
export function flowOf(value: unknown, columns: readonly string[] | null = null): Flow {
  if (!Array.isArray(value)) return { kind: 'value', value };
  return { kind: 'rows', rows: iterated(value), columns };
}

async function* iterated(values: readonly unknown[]) {
  await Promise.resolve();
  yield* values;
}

/** The whole of a flow as one value: rows as a list, nothing as null. */
export async function valueOf(flow: Flow): Promise<unknown> {
  switch (flow.kind) {
    case 'none':
      return null;
    case 'value':
      return flow.value;
    case 'text':
      return flow.text;
    case 'rows': {
      const rows: unknown[] = [];
      for await (const row of flow.rows) rows.push(row);
      return rows;
    }
  }
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
