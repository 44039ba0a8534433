import { RpcSession } from './rpc-session.js';

export interface CallCommand {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly method: string;
  /** JSON: an array of arguments or an object of named ones. */
  readonly args: string;
}

/**
 * Calls one method and returns its answer as indented JSON.
 *
 * @throws Error when the arguments are no JSON, nobody answers, or the call fails
 */
export async function call(command: CallCommand): Promise<string> {
  const args = parseArgs(command.args);
  const session = await RpcSession.open(command.url);
  try {
    await session.login(command.user, command.password);
    return JSON.stringify(await session.call(command.method, args), null, 2);
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
