import { Errno } from '../errno.js';
import { RpcException, type ValidationError } from '../errors.js';

/** How much of what came in is repeated. */
const MAX_QUOTED = 100;

/** What came in, for a message: its beginning, when it is long. */
export function shortened(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}

/**
 * The refusal of a filter or of params: EINVAL whose message names the place, with the same in
 * `extra` as every failed argument check has it.
 */
export function fail(path: readonly (string | number)[], message: string): RpcException {
  const place = path.map((part) => `[${part}]`).join('');
  const extra: ValidationError[] = [{ path, message, code: Errno.EINVAL }];
  return new RpcException(
    Errno.EINVAL,
    place === '' ? message : `Invalid query at ${place}: ${message}`,
    extra,
  );
}
