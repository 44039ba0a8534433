import { type Announced, NodeDirectory, type NodeRecord } from '../../src/cluster/index.js';
import { coded } from '../../src/common/index.js';

/** Who there is, as a test says. */
export class FakeNodeDirectory extends NodeDirectory {
  readonly silentMs = 0;
  isIsland = false;
  readonly #nodes = new Map<string, NodeRecord>();
  readonly #onChange = new Set<(node: NodeRecord) => void>();
  readonly #onGone = new Set<(node: NodeRecord, how: 'left' | 'lost') => void>();

  readonly #onIsland = new Set<(isIsland: boolean) => void>();

  constructor(private readonly name: string) {
    super();
  }

  /** A node is there, or is changed. */
  put(name: string, patch: Partial<NodeRecord> = {}): void {
    const before = this.#nodes.get(name) ?? { ...NOTHING, name, startedAt: new Date() };
    const node = { ...before, ...patch };
    this.#nodes.set(name, node);
    for (const listener of this.#onChange) listener(node);
  }

  remove(name: string, how: 'left' | 'lost'): void {
    const node = this.#nodes.get(name);
    if (node === undefined) return;
    if (how === 'left') this.#nodes.delete(name);
    else this.#nodes.set(name, { ...node, state: 'lost' });
    for (const listener of this.#onGone) listener(node, how);
  }

  get self(): NodeRecord {
    const self = this.#nodes.get(this.name);
    if (self === undefined) throw new Error('put it first');
    return self;
  }

  list(): readonly NodeRecord[] {
    return [...this.#nodes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): NodeRecord | undefined {
    return this.#nodes.get(name);
  }

  announce(patch: Partial<Announced>): Promise<void> {
    this.put(this.name, patch);
    return Promise.resolve();
  }

  onJoin(): () => void {
    return () => undefined;
  }

  onChange(listener: (node: NodeRecord) => void): () => void {
    this.#onChange.add(listener);
    return () => void this.#onChange.delete(listener);
  }

  onGone(listener: (node: NodeRecord, how: 'left' | 'lost') => void): () => void {
    this.#onGone.add(listener);
    return () => void this.#onGone.delete(listener);
  }

  /** It is heard by the others no longer, or again. */
  setIsland(isIsland: boolean): void {
    this.isIsland = isIsland;
    for (const listener of this.#onIsland) listener(isIsland);
  }

  onIsland(listener: (isIsland: boolean) => void): () => void {
    this.#onIsland.add(listener);
    return () => void this.#onIsland.delete(listener);
  }

  forget(name: string): Promise<void> {
    if (!this.#nodes.delete(name)) return Promise.reject(coded('NODE_UNKNOWN', { node: name }));
    return Promise.resolve();
  }
}

const NOTHING: Omit<NodeRecord, 'name' | 'startedAt'> = {
  state: 'live',
  boot: 'b1',
  version: '1.0.0',
  protocol: 1,
  isScheduler: true,
  addresses: [],
  services: {},
  tasks: {},
  plugins: {},
  running: 0,
};
