import { Injectable } from '@nestjs/common';
import { ExecutorPool } from './executors/isolated/executor-pool.js';
import { DatastoreTaskStore } from './store/datastore-task-store.js';
import { TaskSeat } from './task-seat.js';

/** How long running tasks may take to end when the server does; what becomes of the others, its next start says. */
const DRAIN_MS = 5_000;

/** The order in which the parts of the task engine come up and go down. */
@Injectable()
export class TasksLifecycle {
  constructor(
    private readonly tasks: TaskSeat,
    private readonly taskStore: DatastoreTaskStore,
    private readonly executors: ExecutorPool,
  ) {}

  /** Unfinished tasks take their places, before a plugin can submit others. */
  open(): Promise<void> {
    return this.tasks.open();
  }

  /** They go on; the plugins are loaded by now. */
  start(): void {
    this.tasks.start();
  }

  /** The server serves clients: from here on configured processes are kept ready, which would have delayed that. */
  ready(): void {
    this.executors.start();
  }

  async stop(): Promise<void> {
    await this.tasks.stop(DRAIN_MS);
    await this.executors.close();
    await this.taskStore.close();
  }
}
