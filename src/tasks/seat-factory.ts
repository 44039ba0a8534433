import { Inject, Injectable } from '@nestjs/common';
import { CLUSTER_PORTS, type ClusterPorts } from '../cluster/index.js';
import type { RpcException } from '../common/index.js';
import { CONFIGURATION, type DispatcherConfiguration } from '../config/index.js';
import type { DocumentStore } from '../datastore/index.js';
import { EventRouter, systemClock } from '../events/index.js';
import { Datastore } from '../sdk/index.js';
import type { LeaderAccess } from './cluster/cluster-tasks.js';
import { ServerEngineDependencies } from './engine/engine-dependencies.js';
import { TaskEngine } from './engine/task-engine.js';
import type { TaskSeat } from './task-seat.js';

/** Injection token of the way to the leader; null on a server that is alone. */
export const LEADER_ACCESS = Symbol('the way to the leader');

/** A server that is alone loads nothing of what nodes have to do with each other. */
export async function openAccess(ports: ClusterPorts): Promise<LeaderAccess | null> {
  if (!ports.identity.isClustered) return null;
  const { openLeaderAccess } = await import('./cluster/cluster-tasks.js');
  return openLeaderAccess(ports, { clock: systemClock });
}

/** Makes the seat: the engine itself, or what knows where it is. */
@Injectable()
export class SeatFactory {
  constructor(
    private readonly engine: ServerEngineDependencies,
    @Inject(LEADER_ACCESS) private readonly access: LeaderAccess | null,
    @Inject(CLUSTER_PORTS) private readonly ports: ClusterPorts,
    @Inject(Datastore) private readonly store: DocumentStore,
    private readonly events: EventRouter,
    @Inject(CONFIGURATION) private readonly configuration: DispatcherConfiguration,
  ) {}

  async open(): Promise<TaskSeat> {
    const { engine, access, ports, store, events, configuration } = this;
    const { cluster } = configuration.dispatcher;
    if (access === null || cluster === null) return new TaskEngine(engine);
    const { clusterTasks } = await import('./cluster/cluster-tasks.js');
    const { handlers } = engine;
    return clusterTasks({
      ...{ ports, access, engine, handlers, store, nodeLostMs: cluster.nodeLostMs },
      onStoreFailure: (failure) => tellStoreFailure(failure, events),
    });
  }
}

/** Rows of tasks cannot be written, or can be again. */
export function tellStoreFailure(failure: RpcException | null, events: EventRouter): void {
  if (failure === null) {
    events.publish('task.store_recovered', {});
    return;
  }
  const { code, message } = failure;
  events.publish('task.store_failed', { code, message });
}
