import { coded } from '../../common/index.js';
import { NODE_PROTOCOL } from '../node-protocol.js';
import { type Announced, NodeDirectory, type NodeRecord } from '../node-directory.js';

export interface LocalNode {
  readonly name: string;
  readonly boot: string;
  readonly version: string;
}

/** One node: this one. */
export class LocalNodeDirectory extends NodeDirectory {
  readonly silentMs = 0;
  readonly isIsland = false;
  #self: NodeRecord;

  constructor(node: LocalNode) {
    super();
    this.#self = {
      ...node,
      state: 'joining',
      protocol: NODE_PROTOCOL,
      startedAt: new Date(),
      isScheduler: true,
      addresses: [],
      services: {},
      tasks: {},
      plugins: {},
      running: 0,
    };
  }

  get self(): NodeRecord {
    return this.#self;
  }

  list(): readonly NodeRecord[] {
    return [this.#self];
  }

  get(name: string): NodeRecord | undefined {
    return name === this.#self.name ? this.#self : undefined;
  }

  announce(patch: Partial<Announced>): Promise<void> {
    this.#self = { ...this.#self, ...patch };
    return Promise.resolve();
  }

  onJoin(): () => void {
    return () => undefined;
  }

  onChange(): () => void {
    return () => undefined;
  }

  onGone(): () => void {
    return () => undefined;
  }

  onIsland(): () => void {
    return () => undefined;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a rejection, never a throw
  async forget(name: string): Promise<void> {
    const { state } = this.#self;
    if (name === this.#self.name) throw coded('NODE_NOT_LOST', { node: name, state });
    throw coded('NODE_UNKNOWN', { node: name });
  }
}
