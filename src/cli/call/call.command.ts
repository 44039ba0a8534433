import { STREAMED } from '../../client/index.js';
import { isDispatcherError, RpcException } from '../../common/portable.js';
import type { Invocation } from '../command.js';
import { methodSignature, splitName } from '../discovery/signature.js';
import { onServer } from '../on-server.js';
import { readArguments } from '../values/index.js';
import { boundArguments, withArgumentNames } from './bound-arguments.js';

/**
 * Calls one method and prints its answer; the items of a stream one a line, as they come.
 *
 * @throws UsageError for arguments that cannot be read; what the server answers
 */
export async function callCommand(invocation: Invocation): Promise<undefined> {
  const [method = '', ...words] = invocation.operands;
  const written = readArguments(words);
  const node = invocation.options.text('node') ?? undefined;
  await onServer(invocation, async (session, printer) => {
    const { args, names } = await boundArguments(written, () => methodSignature(session, method));
    const answer = await withArgumentNames(names, () =>
      session.call(method, args, { node, onItems: (items) => printer.printItems(items) }),
    ).catch((error: unknown) => {
      throw withWholeName(error, method);
    });
    if (answer !== STREAMED) await printer.print(answer, { piped: 'json' });
  });
}

/** The server suggests a method of the service; what can be typed has the service before it. */
function withWholeName(error: unknown, method: string): unknown {
  if (!isDispatcherError(error)) return error;
  const [, before, near] =
    /^(Method not found, did you mean )"([^"]+)"\?$/.exec(error.message) ?? [];
  if (before === undefined || near === undefined) return error;
  const { service } = splitName(method);
  return new RpcException(error.code, `${before}${service}.${near}?`, error.extra);
}
