import type { Disk, OwnerNames } from '../commit/index.js';
import type { Logger } from '../../sdk/index.js';
import type { EtcdEvents, EtcdSettings } from '../model/index.js';
import type { StoredGeneration } from '../state/index.js';
import type { ActionRunner } from './action-runner.js';

/** What a generation works with. */
export interface Workshop {
  readonly disk: Disk;
  readonly owners: OwnerNames;
  readonly actions: ActionRunner;
  readonly events: EtcdEvents;
  readonly redact: (text: string) => string;
  readonly logger: Logger;
  readonly settings: Pick<EtcdSettings, 'actions' | 'validation' | 'limits' | 'stateDirectory'>;
  /** Writes down what is about to be done, before any of it is. */
  readonly begin: (generation: StoredGeneration) => Promise<void>;
}

/** Several at a time: most of the work is waiting for the disk. */
export async function eachOf<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  left.reverse();
  await Promise.all(Array.from({ length: Math.min(atOnce, left.length) }, worker));
}
