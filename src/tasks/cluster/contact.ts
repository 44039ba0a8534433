import type { Leadership, NodeDirectory } from '../../cluster/index.js';
import type { Clock } from '../../events/index.js';
import type { Logger } from '../../sdk/index.js';
import type { NodeRun } from './node-run.js';

/** Of the time after which a node's runs are decided on elsewhere; what may run twice must be over before. */
const SHARE = 0.7;
/** How often it looks in that time. */
const LOOKS = 20;

export interface ContactDependencies {
  readonly clock: Clock;
  readonly directory: Pick<NodeDirectory, 'silentMs'>;
  readonly leadership: Pick<Leadership, 'isCurrent'>;
  readonly nodeLostMs: number;
  readonly logger: Logger;
  readonly runs: () => Iterable<NodeRun>;
}

/**
 * As long as there are runs, watches whether the others hear of this node. When they have not for so long
 * that its tasks may soon be begun elsewhere, ends its executors; a leader's own are decided on by nobody else.
 */
export class Contact {
  #cancel: (() => void) | null = null;

  constructor(private readonly dependencies: ContactDependencies) {}

  start(): void {
    const { clock, nodeLostMs } = this.dependencies;
    this.#cancel ??= clock.after(nodeLostMs / LOOKS, () => {
      this.#cancel = null;
      this.#look();
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #look(): void {
    const { directory, leadership, nodeLostMs, logger, runs } = this.dependencies;
    const { silentMs } = directory;
    if (silentMs <= SHARE * nodeLostMs || leadership.isCurrent()) return;
    const reason = `nothing of its node has reached the others for ${Math.round(silentMs / 1_000)} s`;
    const ended = Array.from(runs()).filter((run) => run.kill(reason));
    if (ended.length > 0) logger.error(`Executors are ended: ${reason}`, { runs: ended.length });
  }
}
