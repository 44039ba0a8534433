import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginRow, ServerStatus, WhoAmI } from '../../wire/index.js';
import { Errno } from '../../client/index.js';
import { isDispatcherError } from '../../common/portable.js';
import type { Invocation } from '../command.js';
import { CommandError, EXIT, InterruptedError, isCommandError } from '../exit-status.js';
import { onServer } from '../on-server.js';
import { timeoutMs } from '../session/index.js';

/** Every plugin with its state, and the stage and the reason where its code does not run. */
export async function listPlugins(invocation: Invocation): Promise<undefined> {
  await onServer(invocation, async (session, printer) => {
    const rows = await session.call('management.get_plugins');
    await printer.print(rows, { columns: ['name', 'state', 'stage', 'error'] });
  });
}

/** Reads the code of plugins again. @throws what the first that fails is refused with */
export async function reloadPlugins(invocation: Invocation): Promise<undefined> {
  const { operands } = invocation;
  await onServer(invocation, async ({ call }) => {
    await call('management.reload_plugins', operands.length === 0 ? [] : [operands]);
  });
}

/** How the server does, and who asks. */
export async function showStatus(invocation: Invocation): Promise<undefined> {
  await onServer(invocation, async (session, printer) => {
    const { call, url } = session;
    const [status, who, plugins] = await Promise.all([
      call<ServerStatus>('management.status'),
      call<WhoAmI>('session.whoami'),
      call<readonly PluginRow[]>('management.get_plugins'),
    ]);
    const namesIn = (isWanted: (row: PluginRow) => boolean): readonly string[] =>
      plugins.filter(isWanted).map(({ name }) => name);
    await printer.print({
      url,
      user: who.username,
      roles: who.roles,
      started_at: { $date: new Date(status['started-at'] * 1_000).toISOString() },
      connected_clients: status['connected-clients'],
      store_failure: status['store-failure'],
      plugins: namesIn(({ state }) => state === 'loaded'),
      failed_plugins: namesIn(({ state, error }) => state === 'failed' || error !== undefined),
    });
  });
}

const RETRY_MS = 200;
const DEFAULT_WAIT_MS = 60_000;

/**
 * Resolves when the server is there and all plugins are loaded.
 *
 * @throws CommandError 5 when that takes too long; RpcException EACCES when the login is refused
 */
export async function waitReady(invocation: Invocation): Promise<undefined> {
  const { options, io } = invocation;
  const limitMs = timeoutMs(options) ?? DEFAULT_WAIT_MS;
  const deadline = Date.now() + limitMs;
  let reason = '';
  while (Date.now() < deadline) {
    try {
      const isReady = await onServer(invocation, ({ call, client }) => {
        const left = Math.max(1, deadline - Date.now());
        const limited = call<boolean>('management.wait_ready', [], { timeoutMs: left });
        const isGone = new Promise<false>((resolve) => {
          client.onState(({ kind }) => kind === 'reconnecting' && resolve(false));
        });
        return Promise.race([limited, isGone]);
      });
      if (isReady) return;
    } catch (error) {
      if (!isTemporary(error)) throw error;
      reason = error instanceof Error ? error.message : '';
    }
    if (io.interrupt.aborted) throw new InterruptedError();
    await sleep(RETRY_MS, undefined, { signal: io.interrupt }).catch(() => undefined);
  }
  throw new CommandError(
    EXIT.timedOut,
    `Not ready within ${limitMs / 1_000} s${reason === '' ? '' : `: ${reason}`}`,
  );
}

/** The server is not up yet, or goes down just now. */
function isTemporary(error: unknown): boolean {
  if (isCommandError(error)) {
    return error.exitStatus === EXIT.unreachable || error.exitStatus === EXIT.timedOut;
  }
  return (
    isDispatcherError(error) &&
    (error.code === Errno.ECONNABORTED || error.code === Errno.ETIMEDOUT)
  );
}
