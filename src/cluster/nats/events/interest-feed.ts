import type { Subscription } from '@nats-io/transport-node';
import { compileMask, type MaskMatcher } from '../../../common/index.js';
import type { WantedListener } from '../../event-fanout.js';
import type { NatsLink } from '../nats-link.js';

const BEAT_MS = 10_000;
/** What a node wants counts until it has been silent for that long. */
const SILENCE_MS = 3.5 * BEAT_MS;
/** A node that wants more than that is told everything: its whole state has to fit into one message. */
const MAX_MASKS = 10_000;
/** Names that are remembered with whether anybody elsewhere wants them. */
const MAX_NAMES = 4_096;

/** What nodes tell each other of the events that are wanted at them. */
type Message = { readonly boot: string; readonly version: number } & (
  | { readonly kind: 'state'; readonly masks: readonly string[] }
  | { readonly kind: 'change'; readonly add: readonly string[]; readonly remove: readonly string[] }
  | { readonly kind: 'beat' | 'bye' }
  /** Asks a node for its state; without a node, all. */
  | { readonly kind: 'ask'; readonly node?: string }
);

interface Peer {
  readonly boot: string;
  version: number;
  readonly masks: Set<string>;
  heardAt: number;
}

/**
 * Which events are wanted at other nodes: each tells its masks, whole when it joins or is asked and else
 * what changed. Changes are numbered, so that whoever missed one notices with the next, or with the beat
 * that follows each ten seconds, and asks.
 */
export class InterestFeed {
  readonly #own = new Set<string>();
  readonly #peers = new Map<string, Peer>();
  /** The masks of all peers, with how many of them want each. */
  readonly #masks = new Map<string, { readonly matches: MaskMatcher; count: number }>();
  readonly #wantedNames = new Map<string, boolean>();
  readonly #listeners = new Set<WantedListener>();
  readonly #changed = new Set<string>();
  readonly #subscription: Subscription;
  readonly #beat: NodeJS.Timeout;
  readonly #unwatch: () => void;
  #version = 0;

  constructor(private readonly link: NatsLink) {
    this.#subscription = link.connection.subscribe(link.subject('ev', '*', 'interest'), {
      callback: (error, message) => {
        const node = message.subject.split('.').at(-2) ?? '';
        if (error === null && node !== link.node) this.#hear(node, message.json<Message>());
      },
    });
    this.#unwatch = link.onConnected((isConnected) => {
      if (isConnected) this.#introduce();
    });
    this.#beat = setInterval(() => this.#onBeat(), BEAT_MS).unref();
    this.#introduce();
  }

  /** Somebody here begins to want the mask, or nobody does any more. */
  want(mask: string, isWanted: boolean): void {
    if (isWanted) this.#own.add(mask);
    else this.#own.delete(mask);
    if (this.#changed.size === 0) queueMicrotask(() => this.#tellChanges());
    this.#changed.add(mask);
  }

  /** Told at once of what is wanted already. */
  onWanted(listener: WantedListener): () => void {
    this.#listeners.add(listener);
    for (const { masks } of this.#peers.values()) for (const mask of masks) listener(mask, true);
    return () => void this.#listeners.delete(listener);
  }

  isWantedElsewhere(name: string): boolean {
    let isWanted = this.#wantedNames.get(name);
    if (isWanted === undefined) {
      isWanted = Array.from(this.#masks.values()).some(({ matches }) => matches(name));
      if (this.#wantedNames.size >= MAX_NAMES) this.#wantedNames.clear();
      this.#wantedNames.set(name, isWanted);
    }
    return isWanted;
  }

  close(): void {
    this.#tell({ kind: 'bye' });
    clearInterval(this.#beat);
    this.#unwatch();
    this.#subscription.unsubscribe();
  }

  #introduce(): void {
    this.#tellState();
    this.#tell({ kind: 'ask' });
  }

  #tellState(): void {
    const masks = this.#own.size > MAX_MASKS ? ['*'] : [...this.#own];
    this.#tell({ kind: 'state', masks });
  }

  #tellChanges(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    this.#version += 1;
    this.#tell({
      kind: 'change',
      add: changed.filter((mask) => this.#own.has(mask)),
      remove: changed.filter((mask) => !this.#own.has(mask)),
    });
  }

  /** Whoever has no connection tells its whole state when it has one again. */
  #tell(what: DistributiveOmit<Message, 'boot' | 'version'>): void {
    const { link } = this;
    if (!link.isConnected || link.connection.isClosed()) return;
    const message = { boot: link.boot, version: this.#version, ...what };
    link.connection.publish(link.subject('ev', link.node, 'interest'), JSON.stringify(message));
  }

  #onBeat(): void {
    this.#tell({ kind: 'beat' });
    const silentSince = performance.now() - SILENCE_MS;
    for (const [node, { heardAt }] of this.#peers) {
      if (this.link.isConnected && heardAt < silentSince) this.#forget(node);
    }
  }

  #hear(node: string, message: Message): void {
    const peer = this.#peers.get(node);
    if (peer !== undefined) peer.heardAt = performance.now();
    switch (message.kind) {
      case 'ask':
        if ((message.node ?? this.link.node) === this.link.node) this.#tellState();
        return;
      case 'bye':
        if (peer?.boot === message.boot) this.#forget(node);
        return;
      case 'state':
        this.#replace(node, message);
        return;
      case 'change':
        if (peer?.boot !== message.boot || message.version !== peer.version + 1) break;
        peer.version = message.version;
        this.#apply(peer, message);
        return;
      case 'beat':
        if (peer?.boot === message.boot && message.version === peer.version) return;
    }
    this.#tell({ kind: 'ask', node });
  }

  #replace(
    node: string,
    { boot, version, masks }: { boot: string; version: number; masks: readonly string[] },
  ): void {
    const peer = this.#peers.get(node);
    const held = peer?.masks ?? new Set<string>();
    const told = new Set(masks);
    const next = { boot, version, masks: held, heardAt: performance.now() };
    this.#peers.set(node, next);
    this.#apply(next, {
      add: masks,
      remove: [...held].filter((mask) => !told.has(mask)),
    });
  }

  #apply(
    { masks }: Peer,
    { add, remove }: { add: readonly string[]; remove: readonly string[] },
  ): void {
    for (const mask of add) {
      if (masks.has(mask)) continue;
      masks.add(mask);
      this.#count(mask, 1);
    }
    for (const mask of remove) if (masks.delete(mask)) this.#count(mask, -1);
  }

  #forget(node: string): void {
    const peer = this.#peers.get(node);
    this.#peers.delete(node);
    if (peer !== undefined) this.#apply(peer, { add: [], remove: [...peer.masks] });
  }

  #count(mask: string, difference: 1 | -1): void {
    const counted = this.#masks.get(mask) ?? { matches: compileMask(mask), count: 0 };
    counted.count += difference;
    if (counted.count === 0) this.#masks.delete(mask);
    else this.#masks.set(mask, counted);
    this.#wantedNames.clear();
    for (const listener of [...this.#listeners]) listener(mask, difference === 1);
  }
}

type DistributiveOmit<T, K extends string> = T extends unknown ? Omit<T, K> : never;
