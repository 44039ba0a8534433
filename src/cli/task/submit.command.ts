import { boundArguments, withArgumentNames } from '../call/bound-arguments.js';
import type { CommandIo, Invocation } from '../command.js';
import { taskSignature } from '../discovery/signature.js';
import { onServer } from '../on-server.js';
import { askVisible } from '../session/index.js';
import { readArguments, type WholeArguments } from '../values/index.js';
import { watchTask } from './watch-task.js';

/**
 * Submits a task, follows it to its end and prints its result; with `--detach` only its number.
 *
 * @throws UsageError for arguments that cannot be read; what the server answers; see {@link watchTask}
 */
export async function submitCommand(invocation: Invocation): Promise<undefined> {
  const { operands, options, io } = invocation;
  const [name = '', ...words] = operands;
  const written = readArguments(words);
  const idempotencyKey = options.text('idempotency-key');
  await onServer(invocation, async (session, printer) => {
    const { args, names } = await boundArguments(written, () => taskSignature(session, name));
    const id = await withArgumentNames(names, () =>
      session.client.tasks.submit(name, asList(args), {
        signal: session.signal,
        ...(idempotencyKey !== null && { idempotencyKey }),
      }),
    );
    if (options.has('detach')) {
      await printer.print(id);
      return;
    }
    const { result } = await watchTask(session, id, {
      io,
      onInterrupt: 'abort',
      ...(canAsk(io) && { confirm: () => confirmAbort(id, io) }),
    });
    if (result === null && io.output.isTTY === true) io.notices.write(`Task ${id} has finished\n`);
    else await printer.print(result, { piped: 'json' });
  });
}

/** A task has its arguments by position; an object is the first of them. */
function asList(args: WholeArguments): readonly unknown[] {
  return Array.isArray(args) ? (args as readonly unknown[]) : [args];
}

const canAsk = ({ input, notices }: CommandIo): boolean =>
  input.isTTY === true && notices.isTTY === true;

async function confirmAbort(id: number, io: CommandIo): Promise<boolean> {
  const answer = await askVisible(`Abort task ${id}? [Y/n] `, io);
  return !/^\s*n/i.test(answer);
}
