import type { Unsubscribe } from './unsubscribe.js';

/**
 * Where a node is in its life:
 *
 *     joining ─▶ live ─▶ draining ─▶ (gone: nobody lists it any more)
 *                  └── nothing is heard of it ─▶ lost ─▶ live again, or forgotten
 */
export type NodeState = 'joining' | 'live' | 'draining' | 'lost';

/** What every node tells of itself to all others. */
export interface Announced {
  readonly state: Exclude<NodeState, 'lost'>;
  /** May be elected. */
  readonly isScheduler: boolean;
  /** Where clients reach it. */
  readonly addresses: readonly string[];
  /** Hash of the schema of each service that it offers, by the service's name. */
  readonly services: Readonly<Record<string, string>>;
  /** Hash of each task class that it can run, by the task's name. */
  readonly tasks: Readonly<Record<string, string>>;
  /** Loaded plugins with their versions. */
  readonly plugins: Readonly<Record<string, string>>;
  /** Tasks that run on it. */
  readonly running: number;
}

/** A node as the directory knows it. */
export interface NodeRecord extends Omit<Announced, 'state'> {
  readonly name: string;
  readonly state: NodeState;
  /** Of this start of the node's server. */
  readonly boot: string;
  readonly version: string;
  /** Of what nodes say to each other; nodes that differ by more than one do not join. */
  readonly protocol: number;
  readonly startedAt: Date;
}

/** Which nodes there are. Of a node that joins, its whole state is told. */
export abstract class NodeDirectory {
  /** This node. */
  abstract readonly self: NodeRecord;
  /** All nodes by name, this one and lost ones included. */
  abstract list(): readonly NodeRecord[];
  abstract get(name: string): NodeRecord | undefined;
  /**
   * Changes what is told of this node; resolves when the others can read it, or, while that cannot be,
   * when it is noted: they are told as soon as it can.
   */
  abstract announce(patch: Partial<Announced>): Promise<void>;
  /** Told when another node begins to serve: it is `live`, for the first time or after it was lost. */
  abstract onJoin(listener: (node: NodeRecord) => void): Unsubscribe;
  /** Told of joins, too, of those that are lost, and of what this node announces. */
  abstract onChange(listener: (node: NodeRecord) => void): Unsubscribe;
  /** Told once for a node that left in good order or of which nothing is heard any more (`lost`). */
  abstract onGone(listener: (node: NodeRecord, how: 'left' | 'lost') => void): Unsubscribe;
  /** A lost node is listed no longer. @throws RpcException ENOENT, EBUSY when it is not lost */
  abstract forget(name: string): Promise<void>;
  /**
   * How long nothing of this node has reached the others, in milliseconds by its own steady clock; up to
   * a third of the lease is nothing. Always 0 where there are no others.
   */
  abstract readonly silentMs: number;
  /** Whether that is longer than the lease: the others take this node to be lost. */
  abstract readonly isIsland: boolean;
  /** Told when this node becomes an island, and when it is none any more. */
  abstract onIsland(listener: (isIsland: boolean) => void): Unsubscribe;
}
