import { PlainClient, type WireFrame } from './plain-client.js';

/** What the test's plugin keeps: every event changes it, and none twice with the same outcome. */
export interface Total {
  readonly count: number;
  readonly digest: number;
}

interface FollowedEvent {
  readonly args: { readonly value: number };
  readonly cursor: string;
}

interface Replay {
  readonly events: readonly FollowedEvent[];
  readonly cursor: string;
  readonly gap: boolean;
}

const MASK = 'total.changed';
/** A cursor that no server gave out: there is a gap behind it. */
const NOWHERE = 'none:0';

/** The order of the values matters, and so does how often each is taken. */
function fold({ count, digest }: Total, value: number): Total {
  return { count: count + 1, digest: (digest * 31 + value) % 1_000_003 };
}

/**
 * A client that keeps a copy of the plugin's state by events alone, as the documentation tells
 * clients to: it resumes by cursor, and reads the state again when there is a gap.
 */
export class Follower {
  readonly resumed = { exactly: 0, overGap: 0 };
  #client: PlainClient | null = null;
  #taken = 0;
  /** The latest cursor that came with anything. */
  #seen = NOWHERE;
  #total: Total | null = null;

  constructor(
    private readonly url: string,
    private readonly features: readonly string[] = [],
  ) {}

  get isConnected(): boolean {
    return this.#client !== null;
  }

  /** Sends everything at once, so that a connection may be cut at any point of it. */
  async connect(): Promise<void> {
    const client = await PlainClient.connect(this.url);
    this.#client = client;
    this.#taken = 0;
    const since = this.#total === null ? NOWHERE : this.#seen;
    client.send('rpc', 'auth', 'login', { username: 'root', password: '' });
    this.#call('features', 'management.enable_features', this.features);
    this.#call('resume', 'event.replay', [MASK], { since, subscribe: true });
    this.#call('read', 'totals.read');
  }

  /** Cuts the connection without a goodbye; what has arrived is taken into account, nothing else. */
  drop(): void {
    this.#take();
    this.#client?.socket.terminate();
    this.#client = null;
  }

  /** The state as this client knows it, once it has heard of everything published so far. */
  async total(): Promise<Total | null> {
    await this.#client?.find(({ id }) => id === 'read');
    await this.#client?.settled();
    this.#take();
    return this.#total;
  }

  #call(id: string, method: string, ...args: unknown[]): void {
    this.#client?.send('rpc', 'call', id, { method, args });
  }

  #take(): void {
    for (const frame of this.#client?.received.slice(this.#taken) ?? []) this.#takeFrame(frame);
    this.#taken = this.#client?.received.length ?? 0;
  }

  #takeFrame({ name, id, args }: WireFrame): void {
    if (name === 'error') throw new Error(JSON.stringify(args));
    if (name === 'event') this.#apply([args as FollowedEvent]);
    else if (name === 'event_burst') this.#apply((args as Replay).events);
    else if (id === 'resume') this.#takeReplay(args as Replay);
    // only after a gap: otherwise the events alone must have told everything
    else if (id === 'read') this.#total ??= args as Total;
  }

  #takeReplay({ events, cursor, gap }: Replay): void {
    this.resumed[gap ? 'overGap' : 'exactly'] += 1;
    if (gap) this.#total = null;
    this.#apply(events);
    this.#seen = cursor;
  }

  /** Until the state is read, events are in the state that will be: only their cursor matters. */
  #apply(events: readonly FollowedEvent[]): void {
    for (const { args, cursor } of events) {
      if (this.#total !== null) this.#total = fold(this.#total, args.value);
      this.#seen = cursor;
    }
  }
}
