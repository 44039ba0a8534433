import type { TaskEngineDependencies } from '../engine/task-engine.js';
import { messageOf } from '../../common/index.js';
import type { Logger } from '../../sdk/index.js';
import { TaskAudiences } from '../engine/task-audiences.js';
import type { StoredTask } from '../row/task-row.js';
import type { DatastoreTaskStore } from '../store/datastore-task-store.js';

/** Rows of tasks that ended in this time before the newest end are told of again. */
const WINDOW_MS = 120_000;
const MOST = 1_000;

export interface UntoldDependencies {
  readonly store: Pick<DatastoreTaskStore, 'lastChanged'>;
  readonly publish: TaskEngineDependencies['publish'];
  readonly logger: Logger;
}

/**
 * What an earlier leader has stored and could not tell any more is told by the one after it, for nobody
 * would hear of it otherwise; what it has told is told twice.
 */
export async function announceUntold({
  store,
  publish,
  logger,
}: UntoldDependencies): Promise<void> {
  try {
    const audiences = new TaskAudiences();
    const rows = await store.lastChanged({ windowMs: WINDOW_MS, atMost: MOST });
    for (const row of rows) tell(row, audiences, publish);
  } catch (error) {
    logger.warn(`What an earlier leader did last could not be told again: ${messageOf(error)}`);
  }
}

function tell(
  row: StoredTask,
  audiences: TaskAudiences,
  publish: TaskEngineDependencies['publish'],
): void {
  const { id, name, state, parent, user, error } = row;
  const audience = audiences.of(row);
  const shown = error === null ? null : { code: error.code, message: error.message };
  publish('task.updated', { id, name, state, parent, user, error: shown }, audience);
  for (const operation of ['create', 'update']) {
    publish('task.changed', { operation, ids: [id] }, audience);
  }
}
