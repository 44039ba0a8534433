import type { CreatedApiKey } from '../../wire/index.js';
import type { Invocation } from '../command.js';
import { UsageError } from '../exit-status.js';
import { onServer } from '../on-server.js';
import { secondsOf } from '../values/index.js';

/** Makes an API key and prints it: only this once. */
export async function createApiKey(invocation: Invocation): Promise<undefined> {
  const { operands, options } = invocation;
  const [name = ''] = operands;
  const username = options.text('of');
  const lifetime = options.text('expires-in');
  const seconds = lifetime === null ? null : secondsOf(lifetime);
  if (lifetime !== null && (seconds === null || seconds < 1)) {
    throw new UsageError(
      `--expires-in: a time such as 30d or 12h, got ${JSON.stringify(lifetime)}`,
    );
  }
  const wanted = {
    name,
    ...(username !== null && { username }),
    ...(options.has('role') && { roles: options.all('role') }),
    ...(seconds !== null && { expires_in: Math.round(seconds) }),
  };
  await onServer(invocation, async (session, printer) => {
    const created = await session.call<CreatedApiKey>('account.create_api_key', [wanted]);
    const isWhole = printer.asked !== null || options.has('select');
    await printer.print(isWhole ? created : created.key);
  });
}

export async function listApiKeys(invocation: Invocation): Promise<undefined> {
  const username = invocation.options.text('of');
  await onServer(invocation, async (session, printer) => {
    const rows = await session.call('account.list_api_keys', username === null ? [] : [username]);
    await printer.print(rows, {
      columns: ['id', 'name', 'username', 'roles', 'expires_at', 'last_used_at'],
    });
  });
}

export async function revokeApiKey(invocation: Invocation): Promise<undefined> {
  await onServer(invocation, async ({ call }) => {
    await call('account.revoke_api_key', [invocation.operands[0] ?? '']);
  });
}
