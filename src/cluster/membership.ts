import { Injectable } from '@nestjs/common';
import { coded } from '../common/index.js';
import { Leadership, type TermRow } from './leadership.js';
import { NodeCalls } from './node-calls.js';
import { NodeDirectory } from './node-directory.js';

const CHANNEL = 'cluster';
/** How long the others may take to elect one of theirs before this node stands again. */
const STAND_BACK_MS = 2_000;
const ANSWER_MS = 10_000;

type Request = 'drain' | 'hand_over';

/**
 * This node's place among the others: it joins when it can serve, and leaves before it ends. What is
 * asked of another node is done there.
 */
@Injectable()
export class Membership {
  #terms: TermRow | null = null;

  constructor(
    private readonly directory: NodeDirectory,
    private readonly leadership: Leadership,
    private readonly calls: NodeCalls,
  ) {
    calls.serve(CHANNEL, (body) => this.#serve(body as Request));
  }

  /** Others may send calls and tasks here from now on, and elect this node. */
  async join(terms: TermRow, addresses: readonly string[]): Promise<void> {
    this.#terms = terms;
    await this.directory.announce({ state: 'live', addresses });
    if (this.directory.self.isScheduler) await this.leadership.campaign(terms);
  }

  /**
   * A node takes no more calls and tasks of others, and leads no longer; what runs goes on.
   *
   * @throws (rejects with) RpcException ENOENT when there is no such node, ECONNABORTED when it is gone
   */
  async drain(node: string = this.directory.self.name): Promise<void> {
    this.#require(node);
    if (node !== this.directory.self.name) return this.#ask(node, 'drain');
    await this.directory.announce({ state: 'draining' });
    await this.leadership.resign();
  }

  /**
   * The leader makes room for another one; if nobody else stands, it leads again.
   *
   * @returns who leads then; null when nobody does yet
   * @throws (rejects with) RpcException EBUSY while nobody leads
   */
  async handOver(): Promise<string | null> {
    const { leader } = this.leadership;
    if (leader === null) throw coded('NO_LEADER');
    const { self } = this.directory;
    if (leader.node !== self.name) await this.#ask(leader.node, 'hand_over');
    else await this.#standBack();
    return this.leadership.leader?.node ?? null;
  }

  /** A node that is lost is listed no longer. @throws (rejects with) RpcException ENOENT, EBUSY */
  forget(node: string): Promise<void> {
    return this.directory.forget(node);
  }

  async #standBack(): Promise<void> {
    const { leadership } = this;
    await leadership.resign();
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        stop();
        resolve();
      };
      const stop = leadership.onChange((leader) => {
        if (leader !== null) done();
      });
      const timer = setTimeout(done, STAND_BACK_MS);
      if (leadership.leader !== null) done();
    });
    if (this.#terms !== null) await leadership.campaign(this.#terms);
  }

  async #serve(request: Request): Promise<null> {
    if (request === 'drain') await this.drain();
    else await this.#standBack();
    return null;
  }

  async #ask(node: string, body: Request): Promise<void> {
    const signal = AbortSignal.timeout(ANSWER_MS);
    await this.calls.call(node, { channel: CHANNEL, body, timeoutMs: ANSWER_MS }, signal);
  }

  #require(node: string): void {
    if (this.directory.get(node) === undefined) throw coded('NODE_UNKNOWN', { node });
  }
}
