import { inspect } from 'node:util';
import { encodeExtended, Errno, isDispatcherError } from '../../common/index.js';
import type { RunFailure } from './executor.js';

/** Characters kept of a message and of a stack: a task can throw a megabyte. */
const MAX_TEXT = 64 * 1024;

/**
 * What becomes of anything that a task throws. Nothing that was thrown can make this throw: getters
 * and proxies are asked behind a guard, for code that fails may fail to say how.
 */
export function toRunFailure(thrown: unknown): RunFailure {
  const isOurs = attempt(() => isDispatcherError(thrown)) === true;
  const code = isOurs ? read(thrown, 'code') : null;
  const extra = isOurs ? plainExtra(thrown) : undefined;
  return {
    type: typeOf(thrown),
    code: Number.isSafeInteger(code) ? (code as Errno) : Errno.EFAULT,
    message: messageOf(thrown),
    ...(extra !== undefined && extra !== null && { extra }),
    stacktrace: shortened(textOf(read(thrown, 'stack'))),
    ...(isOurs && read(thrown, 'isRetryable') === true && { isRetryable: true as const }),
  };
}

function typeOf(thrown: unknown): string {
  if (!hasProperties(thrown)) return thrown === null ? 'null' : typeof thrown;
  const named = textOf(read(read(thrown, 'constructor'), 'name'));
  return shortened(named === '' ? 'Object' : named);
}

function messageOf(thrown: unknown): string {
  if (typeof thrown === 'string') return shortened(thrown);
  const message = read(thrown, 'message');
  if (typeof message === 'string') return shortened(message);
  const shown = attempt(() => inspect(thrown, { depth: 1, showProxy: true, getters: false }));
  return shortened(`Not an error was thrown but ${shown ?? 'something that cannot be shown'}`);
}

/** As JSON has it: what has no such form is left out rather than the failure. */
function plainExtra(thrown: unknown): unknown {
  return attempt(() => {
    const text = JSON.stringify(encodeExtended(read(thrown, 'extra'))) as string | undefined;
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  });
}

function read(from: unknown, key: string): unknown {
  if (!hasProperties(from)) return undefined;
  return attempt(() => (from as Record<string, unknown>)[key]);
}

function attempt<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

function hasProperties(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const shortened = (text: string): string =>
  text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)} [...]`;
