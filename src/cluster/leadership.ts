import type { Unsubscribe } from './unsubscribe.js';

/** Who leads, as far as this node has heard. */
export interface Leader {
  readonly node: string;
  readonly term: number;
  readonly since: Date;
}

/** What entitles to a change of what belongs to the leader: see `DocumentStore.write`. */
export interface TermGuard {
  readonly term: number;
}

/** The term in the datastore; it only rises. */
export interface TermRow {
  current(): Promise<number>;
  /** Begins the term after `from`; false when `from` is not the present one. */
  raise(from: number): Promise<boolean>;
  /** Told whenever a guarded change was refused because its term, the one given, is over. */
  onRefused(listener: (term: number) => void): Unsubscribe;
}

/**
 * One node of all leads. It holds the lease, and has then raised the term in the datastore by
 * compare-and-set: whatever an earlier leader still writes under its guard is refused there.
 */
export abstract class Leadership {
  /** Null while nobody leads. */
  abstract readonly leader: Leader | null;
  /** The term in which this node leads; null when it does not. */
  abstract readonly term: number | null;
  /**
   * Whether this node leads and its last renewal is younger than the lease, by its own steady clock.
   * To be asked right before anything is done that no guard protects.
   */
  abstract isCurrent(): boolean;
  /**
   * What a leader's batch carries; null where the store guards all that this server writes anyway.
   *
   * @throws RpcException EBUSY when this node does not lead
   */
  abstract guard(): TermGuard | null;
  /** Takes part in elections from now on. */
  abstract campaign(terms: TermRow): Promise<void>;
  /** Gives the leadership up, and takes no part any more; resolves when another one may take it. */
  abstract resign(): Promise<void>;
  /** Told of every change: this node begins or ceases to lead, or another one does. */
  abstract onChange(listener: (leader: Leader | null) => void): Unsubscribe;
}
