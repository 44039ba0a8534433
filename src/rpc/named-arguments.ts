import { coded, type ValidationError, Errno } from '../common/index.js';
import type { MethodHandler } from './method-handler.js';

const SIGNATURE = /^(?:async\s+)?(?:\*\s*)?(?:function\b)?\s*[\w$]*\s*\(([^()]*)\)\s*\{/;
const MAX_LISTED = 100;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/**
 * The parameter names of a method, read from its source, or null when one of the first `count` is
 * anything but a plain identifier: a guess would put a value into the wrong place.
 */
export function namesFromSource(
  method: (...args: never[]) => unknown,
  count: number,
): string[] | null {
  const list = SIGNATURE.exec(Function.prototype.toString.call(method))?.[1];
  if (list === undefined) return null;
  const names = list.split(',').map((name) => name.trim());
  const wanted = names.filter((name) => name !== '').slice(0, count);
  return wanted.length === count && wanted.every((name) => IDENTIFIER.test(name)) ? wanted : null;
}

/**
 * Puts named arguments into their positions; those not given stay undefined.
 *
 * @throws RpcException EINVAL when the method has no names, or naming those it does not know
 */
export function toPositional(
  handler: MethodHandler,
  named: Readonly<Record<string, unknown>>,
): unknown[] {
  const names = handler.parameterNames;
  // of a method that nobody described they are taken from the call itself
  if (handler.isForwarded === true && handler.argumentsValidator === null) return [];
  if (names === null) {
    throw coded('ARGUMENTS_NOT_NAMED', { method: `${handler.service}.${handler.name}` });
  }
  const unknown = Object.keys(named).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw coded('ARGUMENTS_INVALID', {}, unknownNames(unknown, names));
  }
  const args = names.map((name) => (Object.hasOwn(named, name) ? named[name] : undefined));
  while (args.length > 0 && args.at(-1) === undefined) args.pop();
  return args;
}

/** The answer to a request must not be many times its size: past a hundred the rest is a number. */
function unknownNames(unknown: readonly string[], names: readonly string[]): ValidationError[] {
  const listed = unknown.slice(0, MAX_LISTED).map((name) => unknownName(name, names));
  const rest = unknown.length - listed.length;
  if (rest === 0) return listed;
  const message = `${rest} more names are not arguments either`;
  return [...listed, { path: [], message, code: Errno.EINVAL }];
}

function unknownName(name: string, names: readonly string[]): ValidationError {
  const known = names.length === 0 ? 'the method takes none' : `known: ${names.join(', ')}`;
  return { path: [name], message: `is not an argument (${known})`, code: Errno.EINVAL };
}

/** Errors of a call with named arguments speak of the name instead of the position. */
export function withNames(
  errors: readonly ValidationError[],
  names: readonly string[],
): ValidationError[] {
  return errors.map((error) => {
    const [position, ...rest] = error.path;
    const name = typeof position === 'number' ? names[position] : undefined;
    return name === undefined ? error : { ...error, path: [name, ...rest] };
  });
}
