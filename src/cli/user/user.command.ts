import { userInfo } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import type { AccountRow } from '../../wire/index.js';
import { RpcSession } from '../rpc-session.js';
import { readPassword } from './read-password.js';

export interface UserCommand {
  /** The words of the whole command line, `user` and the options before it included. */
  readonly argv: string[];
  readonly defaultUrl: string;
  /** The password of whoever runs the command; empty for the login without one on this machine. */
  readonly ownPassword: string;
  readonly input: Readable;
  readonly output: Writable;
}

const USER_HELP = `Usage: dispatcherctl [--url URL] [--user NAME] user add NAME [--role ROLE]... [--password-stdin]
       dispatcherctl [--url URL] [--user NAME] user passwd NAME --password-stdin
       dispatcherctl [--url URL] [--user NAME] user list | remove NAME

Works on the users of a running dispatcher, as root or its own user on the same machine.

  NAME               of the user to add, change or remove
  --role ROLE        admin, operator, reader or a role of your own; may be given more than once
  --password-stdin   read the password from the first line of the standard input; a user without a
                     password can log in on this machine only

  --url URL          where the dispatcher listens
  --user NAME        whom to log in as (default: the present user)
  --help             this text
`;

export const USER_OPTIONS = {
  url: { type: 'string' },
  user: { type: 'string' },
  role: { type: 'string', multiple: true },
  'password-stdin': { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/**
 * Adds, lists, changes and removes users.
 *
 * @throws Error when the command is none, nobody answers, or the server refuses
 */
export async function userCommand(command: UserCommand): Promise<void> {
  const { values, positionals } = parseArgs({
    args: command.argv,
    allowPositionals: true,
    options: USER_OPTIONS,
  });
  const [, deed, username] = positionals;
  if (values.help === true) {
    command.output.write(USER_HELP);
    return;
  }
  const password = values['password-stdin'] === true ? await readPassword(command.input) : null;
  const request = toRequest({ deed, username, password, roles: values.role ?? [] });
  const session = await RpcSession.open(values.url ?? command.defaultUrl);
  try {
    await session.login(values.user ?? userInfo().username, command.ownPassword);
    const answer = await session.call(request.method, request.args);
    command.output.write(deed === 'list' ? table(answer as AccountRow[]) : '');
  } finally {
    session.close();
  }
}

interface Wanted {
  readonly deed: string | undefined;
  readonly username: string | undefined;
  readonly password: string | null;
  readonly roles: readonly string[];
}

function toRequest({ deed, username, password, roles }: Wanted): {
  readonly method: string;
  readonly args: readonly unknown[];
} {
  const secret = password === null ? {} : { password: { $password: password } };
  if (deed === 'list') return { method: 'account.query', args: [null, { sort: 'username' }] };
  if (username === undefined) throw new Error(`Which user?\n\n${USER_HELP}`);
  switch (deed) {
    case 'add':
      return { method: 'account.create', args: [{ username, roles, ...secret }] };
    case 'passwd':
      if (password === null) throw new Error('passwd takes the password with --password-stdin');
      return { method: 'account.update', args: [username, secret] };
    case 'remove':
      return { method: 'account.remove', args: [username] };
    default:
      throw new Error(`What is to be done with the user?\n\n${USER_HELP}`);
  }
}

function table(rows: readonly AccountRow[]): string {
  const width = Math.max(0, ...rows.map(({ username }) => username.length));
  const lines = rows.map(({ username, roles, locked, has_password: hasPassword }) => {
    const marks = [...(locked ? ['locked'] : []), ...(hasPassword ? [] : ['no password'])];
    const suffix = marks.length === 0 ? '' : `  (${marks.join(', ')})`;
    return `${username.padEnd(width)}  ${roles.join(', ')}${suffix}`.trimEnd();
  });
  return lines.map((line) => `${line}\n`).join('');
}
