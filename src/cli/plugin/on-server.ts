import { userInfo } from 'node:os';
import type { CommandContext } from '../command.js';
import { RpcSession } from '../rpc-session.js';

interface Where {
  readonly url?: string | undefined;
  readonly user?: string | undefined;
}

/** Logs in to the running server, asks it something, and leaves. */
export async function onServer<T>(
  { defaultUrl, ownPassword }: Pick<CommandContext, 'defaultUrl' | 'ownPassword'>,
  { url = defaultUrl, user = userInfo().username }: Where,
  ask: (session: RpcSession) => Promise<T>,
): Promise<T> {
  const session = await RpcSession.open(url);
  try {
    await session.login(user, ownPassword);
    return await ask(session);
  } finally {
    session.close();
  }
}
