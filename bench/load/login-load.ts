import type { ClosableLoad } from '../rows/comparison.js';
import type { Started } from '../rows/started.js';
import { assertResponse, benchUser, type Dialect } from './dialects.js';
import { RawSocket } from './raw-socket.js';

/** The shape of the load. */
export interface LoginShape {
  /** Clients at work at the same time; each connects again as soon as it has parted. */
  readonly clients: number;
}

/** Clients are spread over that many loopback addresses, lest the ports of one run out. */
const ADDRESSES = 16;

/** One client that comes back over and over. */
interface Visitor {
  readonly localAddress: string;
  token: string | undefined;
}

/**
 * Clients that connect, log in with the token of their last visit, and part. Where there are no users a call that is
 * answered stands for the login, so that a visit is one exchange everywhere.
 */
export class LoginLoad implements ClosableLoad {
  private constructor(
    private readonly address: URL,
    private readonly dialect: Dialect,
    private readonly visitors: readonly Visitor[],
  ) {}

  /** Gives each client its first token. */
  static async open({ server, subject }: Started, { clients }: LoginShape): Promise<LoginLoad> {
    const visitors: Visitor[] = [];
    for (let i = 0; i < clients; i += 1) {
      const localAddress = `127.0.0.${2 + (i % ADDRESSES)}`;
      const socket = await RawSocket.open(server.address, { localAddress });
      visitors.push({ localAddress, token: await subject.dialect.login(socket) });
      await socket.sayGoodbye();
    }
    return new LoginLoad(server.address, subject.dialect, visitors);
  }

  /** Runs until the time is up and every client has parted. */
  async run(seconds: number): Promise<number> {
    const endMs = performance.now() + seconds * 1000;
    const visits = await Promise.all(
      this.visitors.map((visitor) => this.keepVisiting(visitor, endMs)),
    );
    return visits.reduce((sum, count) => sum + count, 0);
  }

  /** Nothing is left open between two rounds. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  private async keepVisiting(visitor: Visitor, endMs: number): Promise<number> {
    let visits = 0;
    while (performance.now() < endMs) {
      await this.visit(visitor);
      visits += 1;
    }
    return visits;
  }

  private async visit(visitor: Visitor): Promise<void> {
    const { localAddress, token } = visitor;
    const socket = await RawSocket.open(this.address, { localAddress });
    visitor.token = await this.dialect.login(socket, token);
    if (visitor.token === undefined) await callOnce(socket, this.dialect);
    else if (visitor.token === token) throw new Error('The token was not rotated');
    await socket.sayGoodbye();
  }
}

const USER = benchUser(1);

async function callOnce(socket: RawSocket, dialect: Dialect): Promise<void> {
  assertResponse(await socket.request(dialect.request(1, USER)), dialect.response(1, USER));
}
