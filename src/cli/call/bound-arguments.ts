import { isDispatcherError, RpcException } from '../../common/portable.js';
import {
  bindArguments,
  type BoundArguments,
  type Signature,
  type WrittenArguments,
} from '../values/index.js';

/** The arguments as they are sent; the server is asked what it takes only when that decides something. */
export async function boundArguments(
  written: WrittenArguments,
  signature: () => Promise<Signature>,
): Promise<BoundArguments> {
  if (written.kind === 'whole') return { args: written.args, names: [] };
  if (written.words.length === 0) return { args: [], names: [] };
  return bindArguments(written.words, await signature());
}

/**
 * Errors of arguments name them as they were typed, and not by their places.
 *
 * @throws whatever the work throws
 */
export async function withArgumentNames<T>(
  names: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (names.length === 0 || !isDispatcherError(error) || !Array.isArray(error.extra)) throw error;
    const extra = (error.extra as unknown[]).map((one) => renamed(one, names));
    throw new RpcException(error.code, error.message, extra, { cause: error });
  }
}

function renamed(problem: unknown, names: readonly string[]): unknown {
  const { path } = (problem ?? {}) as { readonly path?: unknown };
  if (!Array.isArray(path)) return problem;
  const [first, ...rest] = path as (string | number)[];
  const name = names[Number(first)];
  if (name === undefined) return problem;
  return { ...(problem as object), path: name === '' && rest.length > 0 ? rest : [name, ...rest] };
}
