import { messageOf } from '../../common/index.js';
import type { Logger } from '../../sdk/index.js';
import { isSameSide } from '../commit/index.js';
import type { EtcdEvents, Generation, GenerationReport } from '../model/index.js';
import type { Entry, FileRecord, Journal, StoredGeneration, StoredStep } from '../state/index.js';
import { isSameRecord, recordAfter } from './bookkeeping.js';
import type { DriftKeeper } from './drift-keeper.js';
import { type Ran, storedStep } from './generation-run.js';
import type { Item } from './item.js';

/** Writes down what generations did, and tells it to everybody. */
export class Ledger {
  constructor(
    private readonly journal: Journal,
    private readonly drift: DriftKeeper,
    private readonly told: { readonly events: EtcdEvents; readonly logger: Logger },
  ) {}

  /** What a generation did goes into the records, its events and its report. */
  async enter(generation: Generation, { items, actions }: Ran): Promise<GenerationReport> {
    const at = new Date();
    const { id, reason, startedAt } = generation;
    const occasion = { id, reason, at: at.toISOString(), action: actions.at(-1)?.outcome ?? null };
    const changed: FileRecord[] = [];
    for (const item of items) {
      const old = this.journal.files.get(item.name);
      const record = recordAfter(old, item, occasion);
      if (isSameRecord(old, record)) this.journal.note(record);
      else changed.push(record);
      if (item.before !== null) this.drift.forget(item.name);
    }
    const waiting = waitingOf(generation, items);
    await this.#write([...changed.map(fileEntry), ...this.#ending(id, waiting)]);
    if (items.some(({ before }) => before !== null)) this.drift.follow();
    for (const item of items) this.#tell(item, id);
    for (const action of actions) {
      this.told.events.emit('etcd.action_finished', { ...action, generation: id });
    }
    const files = items.map((item) => item.report());
    return { id, reason, started_at: startedAt, finished_at: at, files, actions };
  }

  /** Entries that say that a generation is over, but for being confirmed. */
  #ending(id: string, waiting: StoredGeneration | null): readonly Entry[] {
    if (waiting !== null) return [{ kind: 'waits', generation: waiting }];
    return this.journal.generations.has(id) ? [{ kind: 'ended', id }] : [];
  }

  /** The files are what they are, also when that cannot be written down. */
  async #write(entries: readonly Entry[]): Promise<void> {
    try {
      await this.journal.append(entries);
    } catch (error) {
      this.told.logger.error(`What was done cannot be written down: ${messageOf(error)}`);
    }
  }

  /** Files of a generation are as they were before it. */
  async takenBack({ id }: StoredGeneration, steps: readonly StoredStep[]): Promise<void> {
    const records = steps.flatMap(({ name, before }): FileRecord[] => {
      const record = this.journal.files.get(name);
      this.drift.forget(name);
      if (record?.generation !== id) return []; // it says nothing of that generation yet
      const last = record.revisions.find(({ side }) => isSameSide(side, before));
      const origin = last?.origin ?? 'generated';
      return [{ ...record, placed: before, origin, drift: null, outcome: 'rolled_back' }];
    });
    await this.#write([...records.map(fileEntry), { kind: 'ended', id }]);
    this.drift.follow();
    for (const { name, path } of steps) {
      this.told.events.emit('etcd.file_rolled_back', { filename: path, name, generation: id });
    }
  }

  #tell(item: Item, generation: string): void {
    const { file, outcome, error, changes } = item;
    const { name, path: filename } = file;
    if (outcome === 'created' || outcome === 'changed') {
      this.told.events.emit('etcd.file_generated', { filename, name, changes, generation });
    } else if (outcome === 'removed') {
      this.told.events.emit('etcd.file_removed', { filename, name, generation });
    } else if (outcome === 'rolled_back') {
      this.told.events.emit('etcd.file_rolled_back', { filename, name, generation });
    }
    if (error !== null) {
      const { stage, message } = error;
      this.told.events.emit('etcd.file_failed', { name, stage, message, generation });
    }
  }
}

const fileEntry = (record: FileRecord): Entry => ({ kind: 'file', record });

/** What has to be taken back unless it is confirmed; null when nothing has to. */
function waitingOf(
  { id, reason, confirmSeconds }: Generation,
  items: readonly Item[],
): StoredGeneration | null {
  const steps = items.filter((item) => item.isCommitted).map(doneStep);
  if (confirmSeconds === undefined || steps.length === 0) return null;
  const confirmBy = new Date(Date.now() + confirmSeconds * 1000).toISOString();
  return { id, reason, steps, confirmBy };
}

/** With what really lay there, should somebody have changed it since it was compared. */
function doneStep(item: Item): StoredStep {
  const step = storedStep(item);
  return item.before === null ? step : { ...step, before: item.before };
}
