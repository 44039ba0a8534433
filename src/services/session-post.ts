import { Injectable } from '@nestjs/common';
import { NodeCalls, NodeDirectory } from '../cluster/index.js';
import { SessionLog } from '../auth/index.js';
import { type Connection, DispatcherGateway } from '../gateway/index.js';
import type { DispatcherEvent } from '../sdk/index.js';
import type { SessionRow } from '../wire/index.js';

const CHANNEL = 'sessions';
const ANSWER_MS = 5_000;

type Request =
  | { readonly ask: 'send'; readonly id: number; readonly event: DispatcherEvent }
  | { readonly ask: 'tell'; readonly event: DispatcherEvent }
  | { readonly ask: 'live' };

/** What reaches the sessions that are connected, at whichever node. */
@Injectable()
export class SessionPost {
  constructor(
    private readonly gateway: DispatcherGateway,
    private readonly sessions: SessionLog,
    private readonly directory: NodeDirectory,
    private readonly calls: NodeCalls,
  ) {
    calls.serve(CHANNEL, (body) => this.#answer(body as Request));
  }

  /** False when no node that is reached has a session of that number. */
  send(id: number, event: DispatcherEvent): boolean | Promise<boolean> {
    if (this.#sendHere(id, event)) return true;
    if (this.#others.length === 0) return false;
    return this.#ask({ ask: 'send', id, event }).then((found) => found.includes(true));
  }

  /** To every session. */
  tell(event: DispatcherEvent): Promise<void> | undefined {
    this.gateway.sendEvent(this.#loggedIn(), event);
    if (this.#others.length === 0) return undefined;
    return this.#ask({ ask: 'tell', event }).then(() => undefined);
  }

  /** The sessions of users; those of nodes that are not reached are missing. */
  live(): SessionRow[] | Promise<SessionRow[]> {
    const here = this.#liveHere();
    if (this.#others.length === 0) return here;
    return this.#ask({ ask: 'live' }).then((found) => [here, ...(found as SessionRow[][])].flat());
  }

  #answer(request: Request): unknown {
    switch (request.ask) {
      case 'send':
        return this.#sendHere(request.id, request.event);
      case 'tell':
        this.gateway.sendEvent(this.#loggedIn(), request.event);
        return null;
      case 'live':
        return this.#liveHere();
    }
  }

  #sendHere(id: number, event: DispatcherEvent): boolean {
    const connection = this.gateway.connectionOf(id);
    if (connection === undefined) return false;
    this.gateway.sendEvent([connection], event);
    return true;
  }

  #liveHere(): SessionRow[] {
    return this.#loggedIn()
      .filter(({ sender: { kind } }) => kind === 'user')
      .flatMap(({ sender: { sessionId } }) => this.sessions.get(sessionId ?? 0) ?? []);
  }

  #loggedIn(): Connection[] {
    return [...this.gateway.connections].filter(({ isLoggedIn }) => isLoggedIn);
  }

  get #others(): string[] {
    return this.directory
      .list()
      .filter(({ name, state }) => name !== this.directory.self.name && state !== 'lost')
      .map(({ name }) => name);
  }

  /** What the others answer; a node that does not is passed over. */
  async #ask(body: Request): Promise<unknown[]> {
    const request = { channel: CHANNEL, body, timeoutMs: ANSWER_MS };
    const asked = this.#others.map((node) =>
      this.calls.call(node, request, AbortSignal.timeout(ANSWER_MS)),
    );
    const answers = await Promise.allSettled(asked);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  }
}
