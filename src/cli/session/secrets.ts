import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Login } from '../../client/index.js';
import type { Options } from '../arguments/options.js';
import { UsageError } from '../exit-status.js';

/** What tells the server who asks. Never an argument: everybody on a machine can read those. */
export type Secrets =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'none'; readonly username: string };

/** Whom others see in the list of sessions. */
const RESOURCE = 'dispatcherctl';
const MAX_BYTES = 16_384;

/**
 * From the options, then the environment: a token or a password. An option stands above the
 * environment, and a token above a password of the same rank.
 *
 * @throws UsageError for a file that cannot be read
 */
export function secretsOf(options: Options, env: NodeJS.ProcessEnv): Secrets {
  const username = options.text('user') ?? textIn(env, 'DISPATCHER_USER') ?? presentUser();
  const tokenFile = options.text('token-file');
  if (tokenFile !== null) return { kind: 'token', token: firstLine('--token-file', tokenFile) };
  const passwordFile = options.text('password-file');
  if (passwordFile !== null) {
    return { kind: 'password', username, password: firstLine('--password-file', passwordFile) };
  }
  const token = textIn(env, 'DISPATCHER_TOKEN');
  if (token !== null) return { kind: 'token', token };
  const password = textIn(env, 'DISPATCHER_PASSWORD');
  return password === null ? { kind: 'none', username } : { kind: 'password', username, password };
}

export function loginOf(secrets: Secrets): Login {
  switch (secrets.kind) {
    case 'token':
      return { kind: 'token', token: secrets.token, resource: RESOURCE };
    case 'password':
      return { ...secrets, resource: RESOURCE };
    case 'none':
      return { kind: 'local', username: secrets.username, resource: RESOURCE };
  }
}

function firstLine(option: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new UsageError(`${option}: ${file} cannot be read: ${code ?? message}`, { cause });
  }
  const [line = ''] = text.slice(0, MAX_BYTES).split(/\r?\n/);
  if (line === '') throw new UsageError(`${option}: ${file} begins with an empty line`);
  return line;
}

function textIn(env: NodeJS.ProcessEnv, name: string): string | null {
  const text = env[name];
  return text === undefined || text === '' ? null : text;
}

function presentUser(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    throw new UsageError('The present user has no name: say whom to log in as with --user', {
      cause,
    });
  }
}
