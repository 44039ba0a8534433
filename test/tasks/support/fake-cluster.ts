import {
  type Announced,
  type Leader,
  Leadership,
  type NodeCaller,
  NodeCalls,
  NodeDirectory,
  type NodeHandler,
  type NodeRecord,
  type NodeRequest,
} from '../../../src/cluster/index.js';
import {
  abortable,
  coded,
  decodeExtended,
  Errno,
  isDispatcherError,
  RpcException,
  stringifyExtended,
} from '../../../src/common/index.js';
import type { MemoryStore } from '../../../src/testing/memory.driver.js';

type Listener<A extends unknown[]> = (...args: A) => void;

/** Nodes in one process that hear of each other through what is written as text, and can be cut off. */
export class FakeNetwork {
  readonly nodes = new Map<string, FakeNode>();
  /** Everything that was sent, as it was on the wire. */
  readonly sent: string[] = [];
  leader: Leader | null = null;

  constructor(private readonly rows: MemoryStore) {}

  join(name: string): FakeNode {
    const node = new FakeNode(this, name);
    this.nodes.set(name, node);
    return node;
  }

  /** Who leads from now on, once the store knows it; null: nobody. Those that are cut off do not hear of it. */
  lead(name: string | null): void {
    if (name !== null) this.rows.term += 1;
    this.leader = name === null ? null : { node: name, term: this.rows.term, since: new Date() };
    for (const node of this.nodes.values()) if (!node.isCut) node.leadership.tell();
  }

  /** Nothing reaches it and nothing is heard of it: the others think it is gone. */
  cut(name: string, how: 'left' | 'lost' = 'lost'): void {
    const node = this.#node(name);
    node.isCut = true;
    node.calls.cut();
    if (how === 'left') this.nodes.delete(name);
    for (const other of this.nodes.values()) other.calls.forget(name);
    for (const other of this.nodes.values()) if (other !== node) other.directory.gone(node, how);
  }

  /** It is heard of again. */
  mend(name: string): void {
    const node = this.#node(name);
    node.isCut = false;
    node.leadership.tell();
    this.changed(node);
  }

  changed(node: FakeNode): void {
    for (const other of this.nodes.values()) other.directory.tell(this.recordOf(node));
  }

  recordOf({ record, isCut }: FakeNode): NodeRecord {
    return isCut ? { ...record, state: 'lost' } : record;
  }

  #node(name: string): FakeNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`There is no node ${name}`);
    return node;
  }
}

export class FakeNode {
  readonly directory: FakeDirectory;
  readonly leadership: FakeLeadership;
  readonly calls: FakeCalls;
  isCut = false;
  record: NodeRecord;

  constructor(network: FakeNetwork, name: string) {
    this.record = {
      ...{ name, state: 'live', boot: `${name}-1`, version: '1.0.0', protocol: 1 },
      ...{ startedAt: new Date(), isScheduler: true, addresses: [], running: 0 },
      ...{ services: {}, tasks: {}, plugins: {} },
    };
    this.directory = new FakeDirectory(network, this);
    this.leadership = new FakeLeadership(network, name);
    this.calls = new FakeCalls(network, this);
  }
}

export class FakeDirectory extends NodeDirectory {
  readonly #onChange = new Set<Listener<[NodeRecord]>>();
  readonly #onGone = new Set<Listener<[NodeRecord, 'left' | 'lost']>>();

  constructor(
    private readonly network: FakeNetwork,
    private readonly node: FakeNode,
  ) {
    super();
  }

  get self(): NodeRecord {
    return this.node.record;
  }

  list(): readonly NodeRecord[] {
    return Array.from(this.network.nodes.values(), (node) =>
      node === this.node ? node.record : this.network.recordOf(node),
    );
  }

  get(name: string): NodeRecord | undefined {
    return this.list().find((record) => record.name === name);
  }

  announce(patch: Partial<Announced>): Promise<void> {
    this.node.record = { ...this.node.record, ...patch };
    this.network.changed(this.node);
    return Promise.resolve();
  }

  onJoin(): () => void {
    return () => undefined;
  }

  onChange(listener: Listener<[NodeRecord]>): () => void {
    this.#onChange.add(listener);
    return () => void this.#onChange.delete(listener);
  }

  onGone(listener: Listener<[NodeRecord, 'left' | 'lost']>): () => void {
    this.#onGone.add(listener);
    return () => void this.#onGone.delete(listener);
  }

  /** What the test says. */
  silentMs = 0;
  readonly isIsland = false;

  onIsland(): () => void {
    return () => undefined;
  }

  forget(): Promise<void> {
    return Promise.reject(coded('NODE_UNKNOWN', { node: '' }));
  }

  tell(record: NodeRecord): void {
    for (const listener of [...this.#onChange]) listener(record);
  }

  gone(node: FakeNode, how: 'left' | 'lost'): void {
    for (const listener of [...this.#onGone]) listener(node.record, how);
  }
}

export class FakeLeadership extends Leadership {
  readonly #listeners = new Set<Listener<[Leader | null]>>();
  #leader: Leader | null = null;
  /** What `isCurrent` says of a leader. */
  isRenewed = true;
  /** How often that was asked. */
  asked = 0;

  constructor(
    private readonly network: FakeNetwork,
    private readonly self: string,
  ) {
    super();
    this.#leader = network.leader;
  }

  get leader(): Leader | null {
    return this.#leader;
  }

  get term(): number | null {
    return this.#leader?.node === this.self ? this.#leader.term : null;
  }

  isCurrent(): boolean {
    this.asked += 1;
    return this.term !== null && this.isRenewed;
  }

  guard(): { readonly term: number } {
    const { term } = this;
    if (term === null) throw coded('NO_LEADER');
    return { term };
  }

  campaign(): Promise<void> {
    return Promise.resolve();
  }

  resign(): Promise<void> {
    return Promise.resolve();
  }

  onChange(listener: Listener<[Leader | null]>): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(): void {
    this.#leader = this.network.leader;
    for (const listener of [...this.#listeners]) listener(this.#leader);
  }
}

export class FakeCalls extends NodeCalls {
  readonly #handlers = new Map<string, NodeHandler>();
  #cutOff = new AbortController();
  readonly #to = new Map<string, AbortController>();

  constructor(
    private readonly network: FakeNetwork,
    private readonly node: FakeNode,
  ) {
    super();
  }

  async call(node: string, request: NodeRequest, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    const callee = this.network.nodes.get(node);
    if (callee === undefined || callee.isCut || this.node.isCut) throw gone(node);
    const body = this.#cross(request.body);
    const to = this.#to.get(node) ?? new AbortController();
    this.#to.set(node, to);
    const ends = [signal, this.#cutOff.signal, to.signal];
    if (request.timeoutMs !== undefined) ends.push(AbortSignal.timeout(request.timeoutMs));
    const end = AbortSignal.any(ends);
    const caller = { node: this.node.record.name, signal: end, cause: request.cause ?? null };
    const answer = await abortable(callee.calls.answer(request.channel, body, caller), end);
    return this.#cross(answer);
  }

  serve(channel: string, handler: NodeHandler): () => void {
    this.#handlers.set(channel, handler);
    return () => void this.#handlers.delete(channel);
  }

  async answer(channel: string, body: unknown, caller: NodeCaller): Promise<unknown> {
    const handler = this.#handlers.get(channel);
    if (handler === undefined) throw new RpcException(Errno.ENOENT, `No ${channel} here`);
    try {
      return await handler(body, caller);
    } catch (error) {
      if (!isDispatcherError(error)) throw new RpcException(Errno.EFAULT, String(error));
      throw new RpcException(error.code, error.message, error.extra);
    }
  }

  /** Calls of this node are over. */
  cut(): void {
    this.#cutOff.abort(gone(this.node.record.name));
    this.#cutOff = new AbortController();
  }

  /** And those to a node. */
  forget(node: string): void {
    this.#to.get(node)?.abort(gone(node));
    this.#to.delete(node);
  }

  #cross(value: unknown): unknown {
    const text = stringifyExtended(value ?? null);
    this.network.sent.push(text);
    return decodeExtended(JSON.parse(text));
  }
}

function gone(node: string): RpcException {
  return new RpcException(Errno.ECONNABORTED, `Node ${node} is gone`);
}
