import {
  type Announced,
  Leadership,
  type Leader,
  NodeCalls,
  type NodeHandler,
  type NodeRequest,
} from '../../src/cluster/index.js';
import { abortable, coded, wireCopy } from '../../src/common/index.js';
import { FakeNodeDirectory } from './fake-node-directory.js';

/** Nodes of one process that call each other: values travel as on the wire, and who is cut off is gone. */
export class NodeNetwork {
  readonly nodes = new Map<string, NetworkNode>();
  readonly #leadership = new Set<(leader: Leader | null) => void>();
  leader: Leader | null = null;

  add(name: string, announced: Partial<Announced> = {}): NetworkNode {
    const node = new NetworkNode(name, this);
    this.nodes.set(name, node);
    for (const other of this.nodes.keys()) node.directory.put(other, { boot: `boot${other}` });
    for (const { directory } of this.nodes.values()) directory.put(name, { boot: `boot${name}` });
    this.announce(name, announced);
    return node;
  }

  announce(name: string, patch: Partial<Announced>): void {
    for (const { directory } of this.nodes.values()) directory.put(name, patch);
  }

  /** Nothing is heard of it any more. */
  lose(name: string): void {
    const node = this.nodes.get(name);
    this.nodes.delete(name);
    for (const { directory } of this.nodes.values()) directory.remove(name, 'lost');
    node?.cut();
  }

  elect(node: string | null): void {
    const term = (this.leader?.term ?? 0) + 1;
    this.leader = node === null ? null : { node, term, since: new Date() };
    for (const listener of [...this.#leadership]) listener(this.leader);
  }

  onLeader(listener: (leader: Leader | null) => void): () => void {
    this.#leadership.add(listener);
    return () => void this.#leadership.delete(listener);
  }
}

export class NetworkNode {
  readonly directory: FakeNodeDirectory;
  readonly calls: NetworkCalls;
  readonly leadership: NetworkLeadership;

  constructor(
    readonly name: string,
    network: NodeNetwork,
  ) {
    this.directory = new FakeNodeDirectory(name);
    this.calls = new NetworkCalls(name, network);
    this.leadership = new NetworkLeadership(name, network);
  }

  cut(): void {
    this.calls.cut();
  }
}

class NetworkCalls extends NodeCalls {
  readonly handlers = new Map<string, NodeHandler>();
  readonly gone = new AbortController();

  constructor(
    private readonly name: string,
    private readonly network: NodeNetwork,
  ) {
    super();
  }

  async call(node: string, request: NodeRequest, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    const callee = this.network.nodes.get(node)?.calls;
    if (callee === undefined) throw coded('NODE_SILENT', { node });
    const handler = callee.handlers.get(request.channel);
    if (handler === undefined)
      throw coded('NODE_CHANNEL_UNKNOWN', { node, channel: request.channel });
    const either = AbortSignal.any([signal, callee.gone.signal, this.gone.signal]);
    const cause = request.cause ?? null;
    const body = wireCopy(request.body ?? null);
    const answer = await abortable(
      Promise.resolve(handler(body, { node: this.name, signal: either, cause })),
      either,
    );
    const isStream =
      typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
    return isStream ? answer : wireCopy(answer ?? null);
  }

  serve(channel: string, handler: NodeHandler): () => void {
    this.handlers.set(channel, handler);
    return () => void this.handlers.delete(channel);
  }

  cut(): void {
    this.gone.abort(coded('NODE_GONE', { node: this.name }));
  }
}

class NetworkLeadership extends Leadership {
  constructor(
    private readonly name: string,
    private readonly network: NodeNetwork,
  ) {
    super();
  }

  get leader(): Leader | null {
    return this.network.leader;
  }

  get term(): number | null {
    return this.isCurrent() ? (this.leader?.term ?? null) : null;
  }

  isCurrent(): boolean {
    return this.leader?.node === this.name;
  }

  guard(): null {
    return null;
  }

  campaign(): Promise<void> {
    return Promise.resolve();
  }

  resign(): Promise<void> {
    return Promise.resolve();
  }

  onChange(listener: (leader: Leader | null) => void): () => void {
    return this.network.onLeader(listener);
  }
}
