import type { Clock } from '../../events/index.js';
import type { Logger } from '../../sdk/index.js';
import type { LeaderLink } from './leader-link.js';
import type { NodeRun } from './node-run.js';

/** Of the time after which a node's runs are decided on elsewhere; what may run twice must be over before. */
const SHARE = 0.7;
/** How often the leader is asked for a sign of life in that time. */
const LOOKS = 10;

export interface ContactDependencies {
  readonly clock: Clock;
  readonly link: LeaderLink;
  readonly nodeLostMs: number;
  readonly logger: Logger;
  readonly runs: () => Iterable<NodeRun>;
}

/**
 * As long as there are runs, asks the leader for a sign of life. When none has come for so long that
 * their tasks may soon be begun elsewhere, ends the executors of this node.
 */
export class Contact {
  #cancel: (() => void) | null = null;
  #over: AbortController | null = null;

  constructor(private readonly dependencies: ContactDependencies) {}

  start(): void {
    if (this.#over !== null) return;
    this.#over = new AbortController();
    this.#look();
  }

  stop(): void {
    this.#over?.abort();
    this.#over = null;
    this.#cancel?.();
    this.#cancel = null;
  }

  #look(): void {
    const { clock, link, nodeLostMs, logger, runs } = this.dependencies;
    const over = this.#over;
    if (over === null) return;
    const everyMs = nodeLostMs / LOOKS;
    if (link.silentMs > SHARE * nodeLostMs) {
      const reason = `its node has heard nothing of the others for ${Math.round(link.silentMs / 1_000)} s`;
      logger.error(`Executors are ended: ${reason}`);
      for (const run of runs()) run.kill(reason);
    }
    const ping = { ask: 'ping' } as const;
    void link.ask(() => ping, { patienceMs: everyMs, signal: over.signal }).catch(() => undefined);
    this.#cancel = clock.after(everyMs, () => this.#look());
  }
}
