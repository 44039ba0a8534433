import { Inject, Injectable } from '@nestjs/common';
import { ClusterIdentity, Leadership, type Unsubscribe } from '../cluster/index.js';
import { messageOf } from '../common/index.js';
import { SERVER_LOGGER } from '../logging/index.js';
import type { Logger } from '../sdk/index.js';
import { ScheduleRunner } from './schedule-runner.js';
import { ScheduleStore } from './schedule-store.js';

/** Has the schedules run where they belong: at the node that leads. A server that is alone does. */
@Injectable()
export class ScheduleSeat {
  #isRead = false;
  /** The term in which they run here; null while they do not. */
  #term: number | null = null;
  #step: Promise<void> = Promise.resolve();
  #unfollow: Unsubscribe = () => undefined;

  constructor(
    private readonly store: ScheduleStore,
    private readonly runner: ScheduleRunner,
    private readonly leadership: Leadership,
    private readonly identity: ClusterIdentity,
    @Inject(SERVER_LOGGER) private readonly logger: Logger,
  ) {}

  async open(): Promise<void> {
    await this.store.open();
    this.#isRead = !this.identity.isClustered; // others may change them until this node leads
  }

  start(): Promise<void> {
    this.#unfollow = this.leadership.onChange(() => void this.#settle());
    return this.#settle();
  }

  async stop(): Promise<void> {
    this.#unfollow();
    await this.#step;
    await this.runner.stop();
  }

  /** One step after the other. Never rejects. */
  #settle(): Promise<void> {
    this.#step = this.#step
      .then(() => this.#follow(this.leadership.term))
      .catch((error: unknown) => {
        this.logger.error(`Schedules do not run: ${messageOf(error)}`, { error });
      });
    return this.#step;
  }

  async #follow(term: number | null): Promise<void> {
    if (term === this.#term) return;
    if (this.#term !== null) {
      await this.runner.stop();
      this.#isRead = false;
    }
    this.#term = term;
    if (term === null) return;
    if (!this.#isRead) await this.open(); // another node has led meanwhile
    await this.runner.start(this.identity.isClustered ? 'running' : 'start');
  }
}
