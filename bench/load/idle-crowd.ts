import { slope } from '../measure/statistics.js';
import type { RowContext } from '../rows/row.js';
import type { Started } from '../rows/started.js';
import { openLoggedIn } from './logged-in.js';
import type { RawSocket } from './raw-socket.js';

// The first thousand is left out: pools and tables that grow in steps would tilt the line.
const STEPS = [1_000, 4_000, 7_000, 10_000] as const;

/** What a server held, in bytes, with so many connections. */
interface Use {
  readonly connections: number;
  readonly live: number;
  readonly resident: number;
}

/** Ten thousand logged-in connections that do nothing, and what the server's memory was as they came. */
export class IdleCrowd {
  private constructor(
    private readonly sockets: readonly RawSocket[],
    private readonly uses: readonly Use[],
  ) {}

  static async gather({ subject, server }: Started, context: RowContext): Promise<IdleCrowd> {
    const sockets: RawSocket[] = [];
    const uses: Use[] = [];
    try {
      for (const connections of STEPS) {
        context.progress(`memory, ${subject.name}, ${connections} connections`);
        await openLoggedIn({ subject, server }, connections - sockets.length, sockets);
        uses.push({ connections, ...(await server.memory()) });
      }
      return new IdleCrowd(sockets, uses);
    } catch (error) {
      await Promise.all(sockets.map((socket) => socket.close()));
      throw error;
    }
  }

  /** Bytes that one more connection costs. */
  perConnection(kind: 'live' | 'resident'): number {
    return slope(this.uses.map((use) => [use.connections, use[kind]]));
  }

  /** The same, were the server now to hold that much in all. */
  perConnectionAt(resident: number): number {
    const [first] = this.uses;
    const last = this.uses.at(-1);
    if (first === undefined || last === undefined) return NaN;
    return (resident - first.resident) / (last.connections - first.connections);
  }

  async close(): Promise<void> {
    await Promise.all(this.sockets.map((socket) => socket.close()));
  }
}
