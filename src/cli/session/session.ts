import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  type CallArguments,
  type CallOptions,
  type ClientSocketConstructor,
  DispatcherClient,
  Errno,
  type Login,
} from '../../client/index.js';
import { nodeSocket } from '../../client/node/index.js';
import { isDispatcherError, messageOf, RpcException } from '../../common/portable.js';
import type { CliSection } from '../../config/cli-configuration.js';
import type { Options } from '../arguments/options.js';
import type { CommandIo } from '../command.js';
import {
  CommandError,
  EXIT,
  InterruptedError,
  UnreachableError,
  UsageError,
} from '../exit-status.js';
import { printable } from '../output/index.js';
import { secondsOf } from '../values/index.js';
import { addressOf, isLocal } from './address.js';
import { askHidden } from './ask-hidden.js';
import { loginOf, type Secrets, secretsOf } from './secrets.js';
import { readSettings } from './settings.js';

/** How often the time to connect a lost connection is waited for. */
const PATIENCE = 6;

/** A logged-in client for one command. */
export interface Session {
  readonly client: DispatcherClient;
  readonly url: string;
  readonly cli: CliSection;
  /** Who has logged in. */
  readonly user: string;
  /** Fires at ^C and when `--timeout` is over: every wait of the command goes by it. */
  readonly signal: AbortSignal;
  readonly call: <Result = unknown>(
    method: string,
    args?: CallArguments,
    options?: CallOptions,
  ) => Promise<Result>;
}

/** What becomes of the connection. */
export type LinkNews =
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'back' }
  /** The server is there, and takes the login no longer that was. */
  | { readonly kind: 'expired'; readonly reason: string };

export interface SessionOptions {
  readonly options: Options;
  readonly io: CommandIo;
  /** For how long a connection that went is tried again; null for ever. Default: six times the time to connect. */
  readonly patienceMs?: number | null;
  /**
   * Told instead of the person; whoever takes it logs in anew when the login has expired, which ends the
   * session otherwise. A password is used once then.
   */
  readonly onLink?: (news: LinkNews) => void;
  /** In which form values come; as they travel by default. */
  readonly values?: 'native' | 'wire';
  /** Nobody is asked for a password, and nothing is said: for completion. */
  readonly isQuiet?: true;
  /** Above `--timeout` and the configuration. */
  readonly connectTimeoutMs?: number;
}

/**
 * Connects, logs in, does the work and hangs up, whatever becomes of it.
 *
 * @throws UnreachableError naming the address and what can be done; RpcException EACCES when the login
 *   is refused; CommandError 5 when `--timeout` is over; InterruptedError at ^C; whatever the work throws
 */
export async function withSession<T>(
  wanted: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { options, io } = wanted;
  const { cli, url, secrets } = await surroundings(wanted);
  const limitMs = timeoutMs(options);
  const deadline = limitMs === null ? null : AbortSignal.timeout(limitMs);
  const lost = new AbortController();
  const signals = [io.interrupt, deadline, lost.signal].filter((signal) => signal !== null);
  const signal = AbortSignal.any(signals);
  setMaxListeners(0, signal); // each call that is on its way has one
  const connectTimeoutMs = wanted.connectTimeoutMs ?? cli.connectTimeoutMs;
  if (options.has('insecure') && wanted.isQuiet !== true) {
    io.notices.write('Warning: --insecure: whoever is in between can read and change everything\n');
  }
  const ca = options.text('ca');
  const webSocket = nodeSocket({
    handshakeTimeoutMs: connectTimeoutMs,
    rejectUnauthorized: !options.has('insecure'),
    ...(ca !== null && { ca: certificates(ca) }),
  });
  const { values = 'wire' } = wanted;
  const link = { url, webSocket, connectTimeoutMs, signal, values };
  try {
    const client = await connected(link, secrets, wanted);
    const forget = followLink(client, {
      lost,
      io,
      url,
      patienceMs: patienceOf(wanted, connectTimeoutMs),
      onLink: wanted.onLink ?? null,
    });
    try {
      return await work({
        client,
        url,
        cli,
        user: client.account?.user ?? '',
        signal,
        call: (method, args, more) => client.call(method, args, { signal, ...more }),
      });
    } catch (error) {
      throw client.state.kind !== 'authenticated' && isLost(error)
        ? unreachable(url, error)
        : error;
    } finally {
      forget();
      client.close();
    }
  } catch (error) {
    if (io.interrupt.aborted) throw new InterruptedError();
    if (lost.signal.aborted) throw lost.signal.reason;
    if (deadline?.aborted === true) {
      throw new CommandError(EXIT.timedOut, `Not done within ${options.text('timeout') ?? ''}`, {
        cause: error,
      });
    }
    throw error;
  }
}

async function surroundings({ options, io }: SessionOptions) {
  const configuration = await readSettings(options, io.env);
  const url = addressOf(options, io.env, configuration);
  return { cli: configuration.cli, url, secrets: secretsOf(options, io.env) };
}

/** @throws UsageError for what is no time */
export function timeoutMs(options: Options): number | null {
  const text = options.text('timeout');
  if (text === null) return null;
  const seconds = secondsOf(text);
  if (seconds !== null && seconds > 0 && seconds <= MAX_SECONDS) return seconds * 1_000;
  throw new UsageError(`--timeout: a time such as 5, 500ms, 2m or 1h, got ${JSON.stringify(text)}`);
}

/** What a timer of Node can hold. */
const MAX_SECONDS = 2_147_483;

interface Link {
  readonly url: string;
  readonly webSocket: ClientSocketConstructor;
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly values: 'native' | 'wire';
}

/** Without a secret, on a terminal, the password is asked for: at once elsewhere, here when it is needed. */
async function connected(
  link: Link,
  secrets: Secrets,
  { io, isQuiet, onLink }: SessionOptions,
): Promise<DispatcherClient> {
  const canAsk = secrets.kind === 'none' && io.input.isTTY === true && isQuiet !== true;
  const isOnce = onLink !== undefined;
  if (!canAsk) return connect(link, { login: loginOf(secrets), isOnce });
  if (isLocal(link.url)) {
    try {
      return await connect(link, { login: loginOf(secrets), isOnce });
    } catch (error) {
      if (!isDispatcherError(error) || error.code !== Errno.EACCES) throw error;
    }
  }
  const { username } = secrets;
  const password = await askHidden(`Password of ${printable(username)} at ${link.url}: `, io);
  return connect(link, { login: loginOf({ kind: 'password', username, password }), isOnce });
}

interface Entrance {
  readonly login: Login;
  /** What has a secret in it is given once: the next time somebody is asked. */
  readonly isOnce: boolean;
}

async function connect(
  { url, webSocket, connectTimeoutMs, signal, values }: Link,
  { login, isOnce }: Entrance,
): Promise<DispatcherClient> {
  let isUsed = false;
  const credentials = (): Login | null => {
    if (isUsed && isOnce && login.kind !== 'local') return null;
    isUsed = true;
    return login;
  };
  const client = new DispatcherClient({
    url,
    webSocket,
    values,
    credentials,
    connectTimeoutMs,
  });
  let state;
  try {
    state = await client.connect({ signal });
  } catch (error) {
    client.close();
    if (!isLost(error)) throw error;
    throw new UnreachableError(`Cannot connect to ${url}: ${reasonIn(error, url)}`, {
      cause: error,
    });
  }
  if (state.kind === 'authenticated') return client;
  client.close();
  const why = state.kind === 'open' ? (state.loginEnded ?? 'the login failed') : 'the login failed';
  throw new RpcException(Errno.EACCES, why);
}

function reasonIn(error: unknown, url: string): string {
  const reason = messageOf(error).replace('Not connected: ', '').replace(`${url}: `, '');
  const isStranger = reason.includes('certificate is not trusted');
  return isStranger ? `${reason}: name who vouches for it with --ca FILE` : reason;
}

/** @throws UsageError when they cannot be read */
function certificates(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new UsageError(`--ca: ${file} cannot be read: ${code ?? message}`, { cause });
  }
}

const isLost = (error: unknown): boolean =>
  isDispatcherError(error) && error.code === Errno.ECONNABORTED;

function unreachable(url: string, error: unknown): UnreachableError {
  return new UnreachableError(`${url}: ${messageOf(error)}`, { cause: error });
}

interface Following {
  readonly lost: AbortController;
  readonly io: CommandIo;
  readonly url: string;
  readonly patienceMs: number | null;
  readonly onLink: SessionOptions['onLink'] | null;
}

/** Says when the connection went and is back; gives up when it does not come back. */
function followLink(
  client: DispatcherClient,
  { lost, io, url, patienceMs, onLink }: Following,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let reason: string | null = null;
  let logout: string | null = null;
  const tell = onLink ?? ((news: LinkNews) => tellLink(news, { lost, io }));
  const isThrownOut = (why: string): boolean =>
    client.token === null && !(onLink !== null && IDLE.test(why));
  const stopStates = client.onState((state) => {
    // a server that stops says so as well, but leaves the token; one that throws somebody out does not
    if (state.kind === 'reconnecting' && logout !== null && isThrownOut(logout)) {
      lost.abort(new RpcException(Errno.EACCES, logout));
      return;
    }
    if (state.kind === 'reconnecting' && reason === null) {
      reason = state.reason;
      tell({ kind: 'lost', reason });
      if (patienceMs === null) return;
      timer = setTimeout(() => {
        lost.abort(new UnreachableError(`${url}: the connection was lost and did not come back`));
      }, patienceMs);
    }
    if (state.kind === 'authenticated' && reason !== null) {
      reason = null;
      clearTimeout(timer);
      tell({ kind: 'back' });
    }
    if (state.kind === 'open' && state.loginEnded !== null) {
      tell({ kind: 'expired', reason: state.loginEnded });
    }
  });
  const stopLogouts = client.onLogout((why) => {
    logout = why;
  });
  return () => {
    clearTimeout(timer);
    stopStates();
    stopLogouts();
  };
}

/** How a server puts it that nobody used the login for too long: that is no wish to be rid of somebody. */
const IDLE = /inactivity/;

function tellLink(news: LinkNews, { lost, io }: Pick<Following, 'lost' | 'io'>): void {
  switch (news.kind) {
    case 'lost':
      io.notices.write(`Connection lost, trying again (^C gives up): ${printable(news.reason)}\n`);
      return;
    case 'back':
      io.notices.write('Connected again\n');
      return;
    case 'expired':
      lost.abort(new RpcException(Errno.EACCES, `The login has ended: ${news.reason}`));
  }
}

function patienceOf({ patienceMs }: SessionOptions, connectTimeoutMs: number): number | null {
  return patienceMs === undefined ? connectTimeoutMs * PATIENCE : patienceMs;
}
