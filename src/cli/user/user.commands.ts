import type { Invocation } from '../command.js';
import { UsageError } from '../exit-status.js';
import { onServer } from '../on-server.js';
import { askHidden, type Session } from '../session/index.js';
import { readPassword } from './read-password.js';
import { unknownRoles } from './role-notice.js';

/** Adds a user; without a password it can log in on the server's machine only. */
export async function addUser(invocation: Invocation): Promise<undefined> {
  const { operands, options } = invocation;
  const [username = ''] = operands;
  const password = options.has('password-stdin') ? await readPassword(invocation.io.input) : null;
  const roles = options.all('role');
  await onServer(invocation, async (session) => {
    const user = { username, roles, ...(password !== null && secret(password)) };
    await session.call('account.create', [user]);
    await warnOf(roles, session, invocation);
  });
}

/** Gives a user another password, which is asked for on a terminal. */
export async function changePassword(invocation: Invocation): Promise<undefined> {
  const [username = ''] = invocation.operands;
  const password = await newPassword(invocation, username);
  await onServer(invocation, async ({ call }) => {
    await call('account.update', [username, secret(password)]);
  });
}

async function newPassword({ options, io }: Invocation, username: string): Promise<string> {
  if (options.has('password-stdin')) return readPassword(io.input);
  if (io.input.isTTY !== true) {
    throw new UsageError('Where there is no terminal the password comes by --password-stdin');
  }
  const password = await askHidden(`New password of ${username}: `, io);
  if (password === '') throw new UsageError('An empty password is none');
  if ((await askHidden('Once more: ', io)) !== password) {
    throw new UsageError('The two are not the same');
  }
  return password;
}

/** Changes the roles of a user, or whether it may log in. */
export async function changeUser(invocation: Invocation): Promise<undefined> {
  const { operands, options } = invocation;
  const [username = ''] = operands;
  if (options.has('lock') && options.has('unlock')) throw new UsageError('--lock or --unlock');
  const patch = {
    ...(options.has('role') && { roles: options.all('role') }),
    ...(options.has('lock') && { locked: true }),
    ...(options.has('unlock') && { locked: false }),
  };
  if (Object.keys(patch).length === 0)
    throw new UsageError('What is to change? --role, --lock, --unlock');
  await onServer(invocation, async (session) => {
    await session.call('account.update', [username, patch]);
    await warnOf(patch.roles ?? [], session, invocation);
  });
}

async function warnOf(
  roles: readonly string[],
  session: Session,
  { io }: Invocation,
): Promise<void> {
  const sentence = roles.length === 0 ? null : await unknownRoles(session, roles);
  if (sentence !== null) io.notices.write(`${sentence}\n`);
}

export async function removeUser(invocation: Invocation): Promise<undefined> {
  await onServer(invocation, async ({ call }) => {
    await call('account.remove', [invocation.operands[0] ?? '']);
  });
}

export async function listUsers(invocation: Invocation): Promise<undefined> {
  await onServer(invocation, async (session, printer) => {
    const rows = await session.call('account.query', [null, { sort: 'username' }]);
    await printer.print(rows, { columns: ['username', 'roles', 'locked', 'has_password'] });
  });
}

const secret = (password: string) => ({ password: { $password: password } });
