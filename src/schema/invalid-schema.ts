import { Errno, RpcException } from '../common/index.js';

/** EINVAL for a schema that cannot be used: says where in it, and why. */
export function invalidSchema(path: readonly string[], reason: string): RpcException {
  const place = path.length === 0 ? '' : ` at ${path.join('.')}`;
  return new RpcException(Errno.EINVAL, `Invalid schema${place}: ${reason}`);
}
