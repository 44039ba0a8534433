import { Errno } from '../common/portable.js';
import { type CallOptions, requestOnce } from './calls.js';
import { DispatcherClientError } from './client-error.js';
import type { Account } from './connection-state.js';
import { type Login, loginFrame } from './login.js';
import { Observers } from './observers.js';
import type { Wire } from './wire.js';

/** Asked for a login when a token is worth nothing any more; null: somebody will call `login`. */
export type Credentials = (why: string) => Login | null | Promise<Login | null>;

export interface SessionOptions {
  readonly credentials: Credentials | null;
  /** Turned on after each login; what a server does not know is left out. */
  readonly features: readonly string[];
  /** What takes the connection and then says nothing is no server, and is not waited for. */
  readonly answerTimeoutMs: number;
}

/** The close code of a server that ended a login: it was idle for too long, or somebody kicked it. */
const LOGGED_OUT = 4_001;
/** A server without a feature, or one that forbids to ask for it, is talked to without it. */
const NO_FEATURES = new Set([Errno.EINVAL, Errno.ENOENT, Errno.EACCES]);

/**
 * Who is logged in, and what it takes to be it again on the next connection. A password is used once
 * and not kept: what comes back is the newest token, or a login that has no secret in it.
 */
export class Session {
  readonly tokens = new Observers<string | null>();
  readonly logouts = new Observers<string>();
  #account: Account | null = null;
  #token: string | null = null;
  #resource: string | undefined;
  /** A login without a secret, to be repeated as it is. */
  #secretless: Login | null = null;
  #endedBecause: string | null = null;
  #refusal: DispatcherClientError | null = null;

  constructor(private readonly options: SessionOptions) {}

  get account(): Account | null {
    return this.#account;
  }

  get token(): string | null {
    return this.#token;
  }

  /** The refusal of the login that `credentials` gave last; null when it was none, or an old token. */
  get refusal(): DispatcherClientError | null {
    return this.#refusal;
  }

  /** Why nobody is logged in any more; null when nobody was, or somebody is. */
  get endedBecause(): string | null {
    return this.#endedBecause;
  }

  /** @throws DispatcherClientError what the server says: EACCES, EBUSY when it slows guesses down */
  async login(wire: Wire, login: Login, options?: CallOptions): Promise<Account> {
    const answer = await requestOnce({ wire, what: 'The login', ...loginFrame(login) }, options);
    const [token, lifetime, user] = Array.isArray(answer) ? (answer as unknown[]) : [];
    const account: Account = {
      user: typeof user === 'string' ? user : nameIn(login),
      tokenLifetimeSeconds: typeof lifetime === 'number' ? lifetime : null,
    };
    this.#resource = login.kind === 'service' ? undefined : login.resource;
    this.#secretless = login.kind === 'local' || login.kind === 'service' ? login : null;
    this.#account = account;
    this.#endedBecause = null;
    this.#keep(typeof token === 'string' ? token : null);
    await this.#enableFeatures(wire);
    return account;
  }

  /**
   * Logs in again on a new connection by what is left of the last login; null when nothing is.
   *
   * @throws DispatcherClientError for anything but a refusal: then a later attempt may succeed
   */
  async restore(wire: Wire): Promise<Account | null> {
    const resource = this.#resource === undefined ? {} : { resource: this.#resource };
    const known: (Login | null)[] = [
      this.#token === null ? null : { kind: 'token', token: this.#token, ...resource },
      this.#secretless,
    ];
    for (const login of known) {
      const account = login === null ? null : await this.#tryLogin(wire, login);
      if (account !== null) return account;
    }
    const why = this.#endedBecause ?? 'Nobody is logged in yet';
    const given = (await this.options.credentials?.(why)) ?? null;
    return given === null ? null : this.#tryLogin(wire, given);
  }

  /** The server says that the login has ended; it hangs up next. */
  onLogout(reason: string): void {
    this.#endedBecause = reason;
    this.logouts.tell(reason);
  }

  /** A login that the server ended on purpose is not begun again behind the user's back. */
  onLost(closeCode: number): void {
    this.#account = null;
    if (closeCode === LOGGED_OUT) this.forget();
  }

  forget(): void {
    this.#account = null;
    this.#secretless = null;
    this.#keep(null);
  }

  async #tryLogin(wire: Wire, login: Login): Promise<Account | null> {
    this.#refusal = null;
    try {
      return await this.login(wire, login, { timeoutMs: this.options.answerTimeoutMs });
    } catch (error) {
      if (!(error instanceof DispatcherClientError) || error.code !== Errno.EACCES) throw error;
      this.#endedBecause ??= error.message;
      if (login.kind !== 'token') this.#refusal = error; // a token that has expired is no mistake
      this.forget();
      return null;
    }
  }

  async #enableFeatures(wire: Wire): Promise<void> {
    const { features, answerTimeoutMs: timeoutMs } = this.options;
    if (features.length === 0) return;
    const args = { method: 'management.enable_features', args: [features] };
    try {
      await requestOnce(
        { wire, what: 'The choice of features', name: 'call', args },
        { timeoutMs },
      );
    } catch (error) {
      if (error instanceof DispatcherClientError && NO_FEATURES.has(error.code)) return;
      throw error;
    }
  }

  #keep(token: string | null): void {
    if (token === this.#token) return;
    this.#token = token;
    this.tokens.tell(token);
  }
}

function nameIn(login: Login): string {
  switch (login.kind) {
    case 'service':
      return login.name;
    case 'token':
      return '';
    default:
      return login.username;
  }
}
