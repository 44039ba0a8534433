import { Errno } from '../errno.js';
import { RpcException, type ValidationError } from '../errors.js';

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
