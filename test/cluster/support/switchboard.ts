import { Errno, RpcException } from '../../../src/common/index.js';
import {
  type NodeCalls,
  type NodeDirectory,
  type NodeHandler,
  type NodeRecord,
  type NodeRequest,
} from '../../../src/cluster/index.js';
import { LocalNodeDirectory } from '../../../src/cluster/local/index.js';

type GoneListener = (node: NodeRecord, how: 'left' | 'lost') => void;

/** Nodes of one process that call each other by functions; each can be cut off, and can be lost. */
export class Switchboard {
  readonly #nodes = new Map<string, Node>();

  add(name: string): Node {
    const node = new Node(name, this);
    this.#nodes.set(name, node);
    return node;
  }

  get nodes(): readonly Node[] {
    return [...this.#nodes.values()];
  }

  get(name: string): Node | undefined {
    return this.#nodes.get(name);
  }

  /** The others have found out that nothing is heard of it. */
  lose(name: string): void {
    const lost = this.#nodes.get(name);
    if (!this.#nodes.delete(name) || lost === undefined) return;
    for (const { gone } of this.nodes)
      for (const tell of [...gone]) tell(lost.directory.self, 'lost');
    for (const { directory } of this.nodes)
      for (const tell of [...lost.gone]) tell(directory.self, 'lost');
  }

  find(node: Node): void {
    this.#nodes.set(node.name, node);
  }
}

class Node {
  isHearing = true;
  #lease: NodeJS.Timeout | undefined;
  readonly handlers = new Map<string, NodeHandler>();
  readonly gone = new Set<GoneListener>();
  readonly heard = new Set<() => void>();
  readonly directory: NodeDirectory;
  readonly calls: NodeCalls;

  constructor(
    readonly name: string,
    private readonly board: Switchboard,
  ) {
    const own = new LocalNodeDirectory({ name, boot: name, version: '1.0.0' });
    void own.announce({ state: 'live' });
    this.directory = Object.assign(Object.create(own) as NodeDirectory, {
      list: () => this.board.nodes.map((node) => (node === this ? own.self : node.directory.self)),
      get: (node: string) => (node === name ? own.self : this.board.get(node)?.directory.self),
      onIsland: (listener: () => void) => {
        this.heard.add(listener);
        return () => void this.heard.delete(listener);
      },
      onGone: (listener: GoneListener) => {
        this.gone.add(listener);
        return () => void this.gone.delete(listener);
      },
    });
    Object.defineProperties(this.directory, {
      self: { get: () => own.self },
      silentMs: { get: () => (this.isHearing ? 0 : Number.POSITIVE_INFINITY) },
    });
    this.calls = {
      call: (node, request, signal) => this.#call(node, request, signal),
      serve: (channel, handler) => {
        this.handlers.set(channel, handler);
        return () => void this.handlers.delete(channel);
      },
    };
  }

  /** It hears and is heard no more; to the others it is lost when its lease is over. */
  cut(leaseMs: number): void {
    this.isHearing = false;
    clearTimeout(this.#lease);
    this.#lease = setTimeout(() => this.board.lose(this.name), leaseMs);
  }

  heal(): void {
    clearTimeout(this.#lease);
    this.board.find(this);
    this.isHearing = true;
    for (const tell of [...this.heard]) tell();
  }

  async #call(name: string, { channel, body }: NodeRequest, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    const callee = this.board.get(name);
    if (callee === undefined || !this.isHearing || !callee.isHearing)
      throw new RpcException(Errno.ETIMEDOUT, `Node ${name} does not answer`);
    const handler = callee.handlers.get(channel);
    if (handler === undefined) throw new RpcException(Errno.ENOENT, `Node ${name}: no ${channel}`);
    await Promise.resolve();
    return handler(structuredClone(body), { node: this.name, signal, cause: null });
  }
}
