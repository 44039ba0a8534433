import { RpcSession, STREAMED } from './rpc-session.js';

export interface CallCommand {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly method: string;
  /** JSON: an array of arguments or an object of named ones. */
  readonly args: string;
  /** Takes what is to be printed. */
  readonly print: (text: string) => void;
}

/**
 * Calls one method and prints its answer as indented JSON; the items of a stream one a line, as they come.
 *
 * @throws Error when the arguments are no JSON, nobody answers, or the call fails
 */
export async function call(command: CallCommand): Promise<void> {
  const args = parseArgs(command.args);
  const session = await RpcSession.open(command.url);
  try {
    await session.login(command.user, command.password);
    const answer = await session.stream(command.method, args, (item) =>
      command.print(JSON.stringify(item)),
    );
    if (answer !== STREAMED) command.print(JSON.stringify(answer, null, 2));
  } finally {
    session.close();
  }
}

function parseArgs(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`Arguments are not JSON: ${text}`);
  }
  if (typeof value !== 'object' || value === null) {
    throw new Error('Arguments are a JSON array, or an object of named arguments');
  }
  return value;
}
