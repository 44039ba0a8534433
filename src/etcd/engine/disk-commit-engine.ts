import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Errno, messageOf, RpcException } from '../../common/index.js';
import type { Logger } from '../../sdk/index.js';
import { BackupStore, type Disk, OwnerNames } from '../commit/index.js';
import {
  CommitEngine,
  DEFAULT_METADATA,
  type DispatcherLink,
  type DriftRow,
  type EtcdEvents,
  type EtcdSettings,
  type FileState,
  type Generation,
  type GenerationReason,
  type GenerationReport,
  type ManagedFile,
  type Redactor,
  type RenderedFile,
  type Revision,
} from '../model/index.js';
import { type FileRecord, Journal, type StoredGeneration, trimBackups } from '../state/index.js';
import { ActionRunner } from './action-runner.js';
import { revisionOf, stateOf } from './bookkeeping.js';
import { Confirmations } from './confirmations.js';
import { DriftKeeper } from './drift-keeper.js';
import { GenerationRun } from './generation-run.js';
import { planOf } from './plan.js';
import type { Workshop } from './ports.js';
import { recover, removeStaleTemps } from './recovery.js';
import { Ledger } from './ledger.js';
import { takeBackGeneration } from './take-back.js';

const MIB = 1024 * 1024;

/** What the engine is made of. */
export interface EnginePorts {
  readonly settings: EtcdSettings;
  readonly events: EtcdEvents;
  readonly redactor: Redactor;
  readonly link: DispatcherLink;
  readonly logger: Logger;
  /** Has files generated again that drifted and are to be restored. */
  readonly restore: (names: readonly string[]) => Promise<unknown>;
}

interface Opened {
  readonly journal: Journal;
  readonly disk: Disk;
  readonly drift: DriftKeeper;
  readonly ledger: Ledger;
}

/** The engine that works on the disk of this machine. See {@link CommitEngine}. */
export class DiskCommitEngine extends CommitEngine {
  #opened: Opened | null = null;
  #managed: ReadonlyMap<string, ManagedFile> = new Map();
  #turn: Promise<void> = Promise.resolve();
  #rollbacks = 0;
  readonly #confirmations = new Confirmations((generation) => void this.#expire(generation));

  constructor(private readonly ports: EnginePorts) {
    super();
  }

  override async open(): Promise<void> {
    const { settings, logger, events } = this.ports;
    const { stateDirectory, root, allowedRoots, backups: limits } = settings;
    const journal = await Journal.open(stateDirectory);
    if (journal.unreadable > 0) {
      logger.warn(`${journal.unreadable} lines of the journal in ${stateDirectory} are left out`);
    }
    await rm(join(stateDirectory, 'validate'), { recursive: true, force: true });
    const backups = await BackupStore.open(stateDirectory);
    const disk = { roots: [root, ...allowedRoots], backups, maxBackupBytes: limits.maxMib * MIB };
    const drift = new DriftKeeper({
      journal,
      disk,
      events,
      logger,
      settings,
      inTurn: (work) => this.#inTurn(work),
      restore: (names) =>
        void this.ports.restore(names).catch((error: unknown) => {
          logger.error(`Files that drifted cannot be restored: ${messageOf(error)}`);
        }),
    });
    this.#opened = { journal, disk, drift, ledger: new Ledger(journal, drift, { events, logger }) };
    await this.#recover(this.#opened);
  }

  override apply(generation: Generation): Promise<GenerationReport> {
    this.#confirmations.assertPossible(generation.confirmSeconds);
    return this.#inTurn(() => this.#apply(generation));
  }

  override plan(generation: Generation): Promise<GenerationReport> {
    return this.#inTurn(async () => {
      const shop = this.#workshop();
      return planOf(generation, await new GenerationRun(shop, generation).compare(), shop);
    });
  }

  override async confirm(id: string): Promise<void> {
    const { journal } = this.#open();
    this.#confirmations.confirm(id);
    await journal.append([{ kind: 'ended', id }]);
    await this.#trim();
  }

  override states(): ReadonlyMap<string, FileState> {
    const { journal } = this.#open();
    return new Map(Array.from(journal.files.values(), (record) => [record.name, stateOf(record)]));
  }

  override verify(names: readonly string[] | null): Promise<readonly DriftRow[]> {
    return this.#open().drift.verify(names);
  }

  override accept(name: string): Promise<void> {
    return this.#inTurn(() => this.#open().drift.accept(name));
  }

  override history(name: string): Promise<readonly Revision[]> {
    return Promise.resolve().then(() => this.#record(name).revisions.map(revisionOf));
  }

  override async revision(name: string, n: number): Promise<Uint8Array> {
    const found = this.#record(name).revisions.find((revision) => revision.n === n);
    const content =
      found === undefined ? null : await this.#open().disk.backups.get(found.side.digest);
    if (content !== null) return content;
    throw new RpcException(Errno.ENOENT, `Revision ${n} of ${name} is not kept; see its history`);
  }

  override async rollback(
    name: string,
    n: number,
    reason: GenerationReason,
  ): Promise<GenerationReport> {
    const content = await this.revision(name, n);
    const record = this.#record(name);
    const side = record.revisions.find((revision) => revision.n === n)?.side;
    const managed = this.#managed.get(name);
    const metadata = managed?.metadata ?? { ...DEFAULT_METADATA, reload: record.reload };
    const attributes =
      side === undefined ? {} : { mode: side.mode, owner: side.uid, group: side.gid };
    const file: RenderedFile = {
      name,
      path: record.path,
      metadata: { ...metadata, ...attributes },
      rendering: { kind: 'content', content },
      isSensitive: record.isSensitive,
      set: record.set,
      directory: managed?.directory ?? '',
    };
    const id = `rollback-${Date.now().toString(36)}-${++this.#rollbacks}`;
    return this.apply({ id, reason, startedAt: new Date(), files: [file], atomicSets: [] });
  }

  override manage(files: readonly ManagedFile[]): Promise<void> {
    return this.#inTurn(async () => {
      this.#managed = new Map(files.map((file) => [file.name, file]));
      this.#open().drift.manage(files);
      await Promise.resolve();
    });
  }

  override async close(): Promise<void> {
    this.#confirmations.close();
    this.#opened?.drift.close();
    await this.#turn;
    await this.#opened?.journal.close();
    this.#opened = null;
  }

  async #apply(generation: Generation): Promise<GenerationReport> {
    const { journal, ledger } = this.#open();
    const ran = await new GenerationRun(this.#workshop(), generation).run();
    const report = await ledger.enter(generation, ran);
    const waiting = journal.generations.get(generation.id);
    if (waiting !== undefined && waiting.confirmBy !== null) this.#confirmations.await(waiting);
    await this.#trim();
    return report;
  }

  #workshop(): Workshop {
    const { journal, disk } = this.#open();
    const { settings, events, logger, redactor } = this.ports;
    return {
      disk,
      events,
      logger,
      settings,
      owners: new OwnerNames(),
      actions: this.#actions(),
      redact: (text) => redactor.redact(text),
      begin: (generation) => journal.append([{ kind: 'begun', generation }]),
    };
  }

  #actions(): ActionRunner {
    const { limits } = this.ports.settings;
    const bounds = { timeoutMs: limits.actionMs, maxOutputBytes: limits.outputBytes };
    return new ActionRunner(this.ports.link, bounds);
  }

  /** Ends what the last process left: temporary files, and generations half done or not confirmed. */
  async #recover({ journal, disk, ledger }: Opened): Promise<void> {
    const { logger } = this.ports;
    await removeStaleTemps(journal, { disk, logger });
    for (const generation of [...journal.generations.values()].reverse()) {
      if (generation.confirmBy !== null) {
        this.#confirmations.await(generation);
        continue;
      }
      const back = await recover(generation, { disk, logger });
      await ledger.takenBack(generation, back);
    }
    await this.#trim();
  }

  async #expire(generation: StoredGeneration): Promise<void> {
    await this.#inTurn(async () => {
      const { ledger } = this.#open();
      const { logger } = this.ports;
      logger.warn(`Generation ${generation.id} was not confirmed in time and is taken back`);
      const back = await takeBackGeneration(generation, this.#workshop());
      await ledger.takenBack(generation, back);
    }).catch((error: unknown) => {
      this.ports.logger.error(
        `Generation ${generation.id} cannot be taken back: ${messageOf(error)}`,
      );
    });
  }

  async #trim(): Promise<void> {
    const { journal, disk } = this.#open();
    const { count, maxMib } = this.ports.settings.backups;
    await trimBackups(journal, disk.backups, { count, maxBytes: maxMib * MIB });
  }

  #record(name: string): FileRecord {
    const record = this.#open().journal.files.get(name);
    if (record !== undefined) return record;
    throw new RpcException(Errno.ENOENT, `${name} was never managed`);
  }

  #open(): Opened {
    if (this.#opened !== null) return this.#opened;
    throw new RpcException(Errno.ECANCELED, 'The generation of files has ended or not begun');
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }
}
