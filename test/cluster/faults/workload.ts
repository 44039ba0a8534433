import { setTimeout as delay } from 'node:timers/promises';
import type { WireFrame } from '../../support/plain-client.js';
import type { History } from './history.js';
import { RESOURCES } from './plugin.js';
import { NodeSession, Refused } from './session.js';

export interface WorkloadOptions {
  /** Where the node is reached now; it may not be there. */
  readonly urlOf: (node: string) => string;
  readonly nodes: readonly string[];
  readonly history: History;
  readonly random: () => number;
  /** Where the tasks of the plugin write. */
  readonly file: string;
}

/** A client that does the same over and over, at whatever node lets it. */
abstract class Client {
  #isStopped = false;
  #done: Promise<void> = Promise.resolve();

  constructor(protected readonly options: WorkloadOptions) {}

  start(): void {
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
  }

  protected get isStopped(): boolean {
    return this.#isStopped;
  }

  protected pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.options.random() * from.length)]!;
  }

  protected open(): Promise<NodeSession> {
    const node = this.pick(this.options.nodes);
    return NodeSession.open(node, this.options.urlOf(node));
  }

  /** One turn at a node; what it throws ends the turn. */
  protected abstract turn(session: NodeSession): Promise<void>;

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      let session: NodeSession | null = null;
      try {
        session = await this.open();
        await this.turn(session);
      } catch (error) {
        this.options.history.counts[error instanceof Refused ? 'refused' : 'broken'] += 1;
      } finally {
        session?.close();
      }
      await delay(50);
    }
  }
}

/** Submits tasks; with a key it asks again until it is told an id. */
export class Submitter extends Client {
  #next = 0;
  /** The key of a submit whose answer was lost, with its arguments. */
  #open: { readonly key: string; readonly args: readonly unknown[] } | null = null;

  constructor(
    options: WorkloadOptions,
    private readonly name: string,
  ) {
    super(options);
  }

  protected async turn(session: NodeSession): Promise<void> {
    const { history, random, file } = this.options;
    for (let turn = 0; turn < 5 && !this.isStopped; turn += 1) {
      const args = [this.pick(RESOURCES), Math.floor(random() * 150), file];
      if (random() < 0.5) {
        const id = await session.call<number>('task.submit', 'intervals.hold', args);
        history.acknowledge(id, null);
      } else {
        this.#next += 1;
        this.#open ??= { key: `${this.name}-${this.#next}`, args };
        const { key, args: same } = this.#open;
        const env = { idempotencyKey: key };
        const id = await session.call<number>('task.submit_with_env', 'intervals.hold', same, env);
        history.acknowledge(id, key);
        if (random() < 0.7) this.#open = null; // else the next one asks with the key once more
      }
      await delay(random() * 40);
    }
  }
}

interface EventArgs {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly cursor: string;
}

interface Replay {
  readonly events: readonly EventArgs[];
  readonly cursor: string;
  readonly gap: boolean;
}

/** Follows tasks by events, from node to node, by cursor. */
export class EventFollower extends Client {
  #cursor: string | null = null;
  /** Tasks that it was told the end of. */
  readonly told = new Set<number>();
  hadGap = false;

  protected async turn(session: NodeSession): Promise<void> {
    const { history } = this.options;
    const masks = ['task.updated'];
    const options = { since: this.#cursor ?? 'none:0', subscribe: true };
    const isFirst = this.#cursor === null;
    const replay = await session.call<Replay>('event.replay', masks, options);
    history.counts.resumes += 1;
    if (replay.gap && !isFirst) {
      history.counts.gaps += 1;
      this.hadGap = true;
    }
    let last: string | null = replay.gap ? null : this.#cursor;
    const take = (event: EventArgs): void => {
      if (last !== null && !isAfter(event.cursor, last)) {
        history.violate(`cursor ${event.cursor} came after ${last} at ${session.node}`);
      }
      last = event.cursor;
      this.#cursor = event.cursor;
      this.#take(event);
    };
    for (const event of replay.events) take(event);
    this.#cursor = replay.cursor;
    last = replay.cursor;
    const until = Date.now() + 1_000 + this.options.random() * 4_000;
    let taken = 0;
    while (!this.isStopped && Date.now() < until && session.client.socket.readyState === 1) {
      const { received } = session.client;
      for (; taken < received.length; taken += 1) {
        const event = eventOf(received[taken]!);
        if (event !== null) take(event);
      }
      await delay(20);
    }
  }

  #take({ name, args, cursor }: EventArgs): void {
    const { history } = this.options;
    history.event(cursor, `${name} ${JSON.stringify(args)}`);
    const { id, state } = args;
    if (typeof id !== 'number' || typeof state !== 'string') return;
    history.state(id, state);
    this.told.add(id);
  }
}

function eventOf({ namespace, name, args }: WireFrame): EventArgs | null {
  return namespace === 'events' && name === 'event' ? (args as EventArgs) : null;
}

/** Whether a cursor of the same epoch lies behind another; between epochs nobody can say. */
function isAfter(cursor: string, other: string): boolean {
  const [one, two] = [cursor, other].map((text) => /^(\w+):(\d+)(?:\.(\d+))?$/.exec(text));
  if (one == null || two == null || one[1] !== two[1]) return true;
  const [a, b] = [one, two].map((found) => [Number(found[2]), Number(found[3] ?? 0)] as const);
  return a![0] !== b![0] ? a![0] > b![0] : a![1] > b![1];
}

/** Makes users and removes them; who was removed may log in nowhere. */
export class UserChanger extends Client {
  #next = 0;

  protected async turn(session: NodeSession): Promise<void> {
    const { history, nodes, urlOf } = this.options;
    this.#next += 1;
    const username = `user-${this.#next}-${Math.floor(this.options.random() * 1e9)}`;
    const password = 'correct horse';
    await session.call('account.create', { username, password, roles: [] });
    await session.call('account.remove', username);
    history.removed.push(username);
    for (const node of nodes) {
      const other = await NodeSession.open(node, urlOf(node)).catch(() => null);
      if (other === null) continue;
      const answer = await other.client
        .request('rpc', 'auth', { username, password, check_password: true })
        .catch(() => null);
      other.close();
      if (answer === null) continue;
      history.counts.logins += 1;
      if (answer.name === 'response')
        history.violate(`${username} logged in at ${node} when removed`);
    }
    await delay(500);
  }
}

/** Takes one lock and gives it back; nobody else may have it meanwhile. */
export class LockTaker extends Client {
  static #holder: { readonly by: LockTaker; readonly node: string } | null = null;

  protected async turn(session: NodeSession): Promise<void> {
    const { history } = this.options;
    await session.call('lock.init', 'one');
    const isHeld = await session.call<boolean>('lock.acquire', 'one', 5);
    if (!isHeld) return;
    if (session.client.socket.readyState !== 1) return;
    history.counts.locks += 1;
    const other = LockTaker.#holder;
    if (other !== null && !this.mayBeLost(other.node)) {
      history.violate(`lock one was held at ${other.node} and given out at ${session.node}`);
    }
    LockTaker.#holder = { by: this, node: session.node };
    void session.client.closed.then(() => this.#end());
    await delay(50 + this.options.random() * 100);
    this.#end();
    await session.call('lock.release', 'one');
  }

  /** A node that stands still or is cut off cannot tell its clients that they hold nothing any more. */
  mayBeLost: (node: string) => boolean = () => false;

  #end(): void {
    if (LockTaker.#holder?.by === this) LockTaker.#holder = null;
  }
}
