import { isDeepStrictEqual } from 'node:util';
import type { RawSocket } from './raw-socket.js';

/** The payload of a call. */
export interface BenchUser {
  readonly username: string;
  readonly uid: number;
  readonly full_name: string;
  readonly groups: readonly string[];
  readonly locked: boolean;
}

/** How a kind of server is spoken to. */
export interface Dialect {
  /** Logs a fresh connection in, where the server wants that; answers a token for further logins. */
  login(socket: RawSocket, token?: string): Promise<string | undefined>;
  /** The message that calls the echo method. */
  request(id: number, user: BenchUser): unknown;
  /** The one right answer to that message. */
  response(id: number, user: BenchUser): unknown;
}

/** The dispatcher's frames, spoken to a server that has no users. */
export const rpcDialect: Dialect = {
  login: () => Promise.resolve(undefined),
  request: (id, user) => ({
    namespace: 'rpc',
    name: 'call',
    id,
    args: { method: 'bench.echo', args: [user] },
  }),
  response: (id, user) => ({ namespace: 'rpc', name: 'response', id, args: user }),
};

/** The dispatcher: without a token the login of a local user, with one that of a browser that comes back. */
export const dispatcherDialect: Dialect = {
  ...rpcDialect,
  async login(socket, token) {
    const [name, args] =
      token === undefined
        ? ['auth', { username: 'root', password: '' }]
        : ['auth_token', { token }];
    const reply = await socket.request({ namespace: 'rpc', name, id: 1, args });
    const { name: outcome, args: session } = JSON.parse(reply) as { name: string; args: unknown };
    if (outcome !== 'response') throw new Error(`The login failed: ${reply}`);
    return String((session as readonly unknown[])[0]);
  },
};

/** As {@link dispatcherDialect}, but it calls another method that gives a user back. */
export const dispatcherDialectOf = (method: string): Dialect => ({
  ...dispatcherDialect,
  request: (id, user) => ({
    ...{ namespace: 'rpc', name: 'call', id },
    args: { method, args: [user] },
  }),
});

/** What Nest's `ws` adapter speaks. It has no ids; replies come in the order of the requests. */
export const nestDialect: Dialect = {
  login: () => Promise.resolve(undefined),
  request: (_id, user) => ({ event: 'echo', data: user }),
  response: (_id, user) => ({ event: 'echo', data: user }),
};

/** Throws unless the text is the right answer; key order does not matter. */
export function assertResponse(text: string, expected: unknown): void {
  if (isDeepStrictEqual(JSON.parse(text), expected)) return;
  throw new Error(`Wrong answer: ${text.slice(0, 300)}, not ${JSON.stringify(expected)}`);
}

const GROUPS = ['wheel', 'operator', 'media', 'backup'] as const;

/** The n-th of many different users, so that replies can be told apart by their bytes. */
export function benchUser(n: number): BenchUser {
  return {
    username: `user${n}`,
    uid: 1000 + n,
    full_name: `Benchmark User ${n}`,
    groups: GROUPS.slice(0, 1 + (n % GROUPS.length)),
    locked: n % 2 === 1,
  };
}
