import {
  Errno,
  errnoName,
  isDispatcherError,
  messageOf,
  RpcException,
} from '../../../common/portable.js';
import { EXIT, exitStatusOf, FailedTaskError, InterruptedError } from '../../exit-status.js';
import { tellErrorOf } from '../../tell-error.js';
import type { Evaluation, Script } from './evaluation.js';

/** An error with the place of what it is about. Made once, by the innermost that knows the place. */
class PlacedError extends Error {
  constructor(
    override readonly cause: unknown,
    readonly script: Script,
    readonly at: number,
  ) {
    super(messageOf(cause));
  }
}

/** `exit`: nothing that follows is carried out. */
export class ExitRequest extends Error {
  constructor(readonly status: number) {
    super('exit');
  }
}

export function placed(error: unknown, script: Script, at: number): unknown {
  if (error instanceof PlacedError || error instanceof ExitRequest) return error;
  return new PlacedError(error, script, at);
}

export const causeOf = (error: unknown): unknown =>
  error instanceof PlacedError ? error.cause : error;

/** With what a program would end that failed so. */
export function statusOf(
  error: unknown,
  { signal, io }: Pick<Evaluation, 'signal' | 'io'>,
): number {
  const cause = causeOf(error);
  if (cause instanceof ExitRequest) return cause.status;
  if (io.signal.aborted || (signal.aborted && cause === signal.reason)) return EXIT.interrupted;
  const isLost = isDispatcherError(cause) && cause.code === Errno.ECONNABORTED;
  return isLost ? EXIT.unreachable : exitStatusOf(cause);
}

/** What is said of it; nothing of ^C. */
export function told(error: unknown, around: Pick<Evaluation, 'signal' | 'io'>): string {
  const cause = causeOf(error);
  if (cause instanceof ExitRequest || cause instanceof InterruptedError) return '';
  if (statusOf(error, around) === EXIT.interrupted) return '';
  const place = error instanceof PlacedError ? placeText(error) : '';
  return tellErrorOf(cause, { speaker: '', place });
}

/** `script:2:5: `; nothing for a line that was typed. */
function placeText({ script, at }: PlacedError): string {
  if (script.name === null) return '';
  const { line, column } = lineAndColumn(script.text, at);
  return `${script.name}:${line}:${column}: `;
}

export function lineAndColumn(
  text: string,
  at: number,
): { readonly line: number; readonly column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** What `$error` is. */
export function errorValue(error: unknown, around: Pick<Evaluation, 'signal' | 'io'>): object {
  const cause = causeOf(error);
  const isCoded = isDispatcherError(cause) || cause instanceof FailedTaskError;
  return {
    status: statusOf(error, around),
    code: isCoded ? errnoName(cause.code) : null,
    message: messageOf(cause),
    extra: isCoded ? (cause.extra ?? null) : null,
  };
}

/** An argument that its schema cannot take: as the server would say it, and nothing was sent. */
export const unfitArgument = (path: readonly (string | number)[], message: string): RpcException =>
  new RpcException(Errno.EINVAL, 'Invalid arguments', [{ path, message }]);
