import { Injectable } from '@nestjs/common';
import { leaderBy, leaderMayHaveChanged, Leadership, NodeDirectory } from '../../cluster/index.js';
import { coded, type ErrorKey, isDispatcherError, keyOf } from '../../common/index.js';
import type { Call } from '../call.js';
import type { MethodHandler } from '../method-handler.js';
import type { Service } from '../service.registry.js';
import { Forwarder } from './forwarder.js';

/** How long a call waits for a node to lead. */
const PATIENCE_MS = 45_000;
/** How soon a leader is asked again that may not know yet that it leads. */
const AGAIN_MS = 250;

/** Of services whose state lies at the leader: the methods that look at it, and those that change it. */
interface Seated {
  readonly reads: readonly string[];
  readonly changes: readonly string[];
}

/**
 * What `task` changes goes by `TaskSeat`, which knows of each submission whether it was taken, and locks
 * by `SharedLocks`, which declares to a new leader what is held.
 */
const SEATED: ReadonlyMap<string, Seated> = new Map([
  ['task', { reads: ['status', 'query', 'list_resources', 'explain'], changes: [] }],
  ['schedule', { reads: ['query'], changes: ['create', 'update', 'remove', 'run_now'] }],
]);

/** That the call was not begun is certain. */
const NOT_BEGUN: ReadonlySet<ErrorKey | null> = new Set<ErrorKey>([
  'NODE_SILENT',
  'NODE_UNKNOWN',
  'NODE_NOT_LEADING',
]);
/** It may have been done. */
const IN_DOUBT: ReadonlySet<ErrorKey | null> = new Set<ErrorKey>(['NODE_GONE', 'NODE_ANSWER_LOST']);

/** Has the calls of some services made by the node that leads, whichever it is. */
@Injectable()
export class LeaderSeat {
  constructor(
    private readonly leadership: Leadership,
    private readonly directory: NodeDirectory,
    private readonly forwarder: Forwarder,
  ) {}

  /** The service as a node of several offers it. */
  seat(service: Service): Service {
    const seated = SEATED.get(service.name);
    if (seated === undefined) return service;
    const methods = Array.from(service.methods, ([name, handler]): [string, MethodHandler] => {
      const isRead = seated.reads.includes(name);
      return [
        name,
        isRead || seated.changes.includes(name) ? this.#seat(handler, isRead) : handler,
      ];
    });
    return { ...service, methods: new Map(methods) };
  }

  #seat(handler: MethodHandler, isRead: boolean): MethodHandler {
    return {
      ...handler,
      invoke: (args, call) =>
        this.#leadsHere || (isRead && this.#isFirst)
          ? handler.invoke(args, call)
          : this.#toLeader(handler, args, { call, isRead }),
    };
  }

  get #leadsHere(): boolean {
    return this.leadership.leader?.node === this.directory.self.name;
  }

  /** Nobody is elected before a node has begun, and its plugins look at tasks and resources before that. */
  get #isFirst(): boolean {
    return this.leadership.leader === null && this.directory.self.state === 'joining';
  }

  async #toLeader(
    handler: MethodHandler,
    args: unknown[],
    { call, isRead }: { readonly call: Call; readonly isRead: boolean },
  ): Promise<unknown> {
    const { name: node } = this.directory.self;
    if (call.options.isForwarded === true) throw coded('NODE_NOT_LEADING', { node });
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const leader = await leaderBy(this.leadership, deadlineMs, call.signal);
      if (leader.node === node) return handler.invoke(args, call);
      try {
        return await this.forwarder.forward(leader.node, call);
      } catch (error) {
        const key = isDispatcherError(error) ? keyOf(error) : null;
        const mayAgain = NOT_BEGUN.has(key) || (isRead && IN_DOUBT.has(key));
        if (!mayAgain || performance.now() >= deadlineMs) throw error;
      }
      await leaderMayHaveChanged(
        this.leadership,
        Math.min(AGAIN_MS, deadlineMs - performance.now()),
        call.signal,
      );
    }
  }
}
