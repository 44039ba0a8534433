import type { ClusterPorts } from '../../cluster/index.js';
import { coded } from '../../common/index.js';
import type { DocumentStore } from '../../datastore/index.js';
import type { TaskEngineDependencies } from '../engine/task-engine.js';
import { Verifier } from '../engine/verifier.js';
import {
  DatastoreTaskStore,
  TASKS,
  type TaskStoreDependencies,
} from '../store/datastore-task-store.js';
import type { TaskHandlerTable } from '../task-handler-table.js';
import { ClusterHandlers } from './cluster-handlers.js';
import { ClusterTaskSeat } from './cluster-task-seat.js';
import { LeaderLink, PATIENCE_MS } from './leader-link.js';
import { NodePresence } from './node-presence.js';
import { NodeResources } from './node-resources.js';
import { NodeRuns } from './node-runs.js';
import { Packer } from './packed.js';

/** What the tasks of a node need of the others. */
export type TaskPorts = Pick<ClusterPorts, 'calls' | 'directory' | 'leadership'>;

/** The way to the leader, and what plugins lock, which goes that way. */
export interface LeaderAccess {
  readonly link: LeaderLink;
  readonly resources: NodeResources;
}

export function openLeaderAccess(
  { calls, directory, leadership }: TaskPorts,
  { clock }: Pick<TaskEngineDependencies, 'clock'>,
): LeaderAccess {
  const link = new LeaderLink({ self: directory.self.name, leadership, calls, clock });
  const resources = new NodeResources(async (of) => {
    // whoever begins to lead asks for all of it
    const patienceMs = leadership.leader === null ? 0 : PATIENCE_MS;
    const ask = { ask: 'resource', of } as const;
    const told = link.ask(() => ask, { patienceMs });
    await told.catch((error: unknown) => {
      if (!isNobodyThere(error)) throw error;
    });
  });
  return { link, resources };
}

function isNobodyThere(error: unknown): boolean {
  return error instanceof Error && error.message === coded('NO_LEADER').message;
}

export interface ClusterTasksParts {
  readonly ports: TaskPorts;
  readonly access: LeaderAccess;
  readonly engine: Omit<TaskEngineDependencies, 'handlers' | 'resources' | 'taskStore'>;
  /** The classes of this node. */
  readonly handlers: TaskHandlerTable;
  readonly store: DocumentStore;
  readonly onStoreFailure: TaskStoreDependencies['onFailure'];
  readonly nodeLostMs: number;
}

/** Puts a node's part in the tasks of its cluster together. */
export function clusterTasks(parts: ClusterTasksParts): ClusterTaskSeat {
  const { ports, access, engine, handlers: own, store, nodeLostMs, onStoreFailure } = parts;
  const { calls, directory, leadership } = ports;
  const { clock, logger, executors, hooks, secrets, verifyTimeoutMs: timeoutMs } = engine;
  const { link: toLeader, resources } = access;
  const packer = new Packer(secrets);
  const runs = new NodeRuns({
    ...{ calls, directory, leadership, link: toLeader, handlers: own, executors, hooks },
    ...{ packer, clock, logger, nodeLostMs },
    verifier: new Verifier({ clock, logger, timeoutMs }),
    resources: () => resources.all(),
  });
  return new ClusterTaskSeat({
    ...{ self: directory.self.name, calls, directory, leadership, runs, toLeader, own, packer },
    ...{ clock, logger, secrets, nodeLostMs, engine },
    presence: new NodePresence({ directory, clock, nodeLostMs }),
    handlers: new ClusterHandlers({ own, directory, calls, packer }),
    rows: { get: (id) => store.getById(TASKS, id) },
    openStore: (term) =>
      DatastoreTaskStore.open({ store, clock, logger, onFailure: onStoreFailure, term }),
  });
}
