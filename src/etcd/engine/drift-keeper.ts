import { Errno, messageOf, RpcException } from '../../common/index.js';
import type { Logger } from '../../sdk/index.js';
import { type Disk, findAt } from '../commit/index.js';
import { DriftWatch, type Glance, lookForDrift, RestoreLimit } from '../drift/index.js';
import type { DriftRow, EtcdEvents, EtcdSettings, ManagedFile } from '../model/index.js';
import type { FileRecord, Journal } from '../state/index.js';

export interface DriftPorts {
  readonly journal: Journal;
  readonly disk: Disk;
  readonly events: EtcdEvents;
  readonly logger: Logger;
  readonly settings: Pick<EtcdSettings, 'drift'>;
  /** Does it while no generation runs. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Has these generated again; not waited for. */
  readonly restore: (names: readonly string[]) => void;
}

/** Sees that files stay as they were put in place, and says or mends it when they do not. */
export class DriftKeeper {
  readonly #glances = new Map<string, Glance>();
  /** What was told last of each that drifted. */
  readonly #told = new Map<string, string>();
  readonly #limit = new RestoreLimit();
  readonly #watch: DriftWatch;
  #managed: ReadonlyMap<string, ManagedFile> = new Map();
  #names: ReadonlyMap<string, string> = new Map();
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly ports: DriftPorts) {
    this.#watch = new DriftWatch({
      touched: (paths) => this.#touched(paths),
      unwatched: (folder, reason) => {
        ports.logger.warn(`${folder} cannot be watched (${reason}): scans alone look at its files`);
      },
    });
  }

  manage(files: readonly ManagedFile[]): void {
    this.#managed = new Map(files.map((file) => [file.name, file]));
    this.follow();
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    const { intervalS, policy } = this.ports.settings.drift;
    if (
      intervalS === 0 ||
      (policy === 'ignore' && files.every(({ metadata }) => metadata.drift === null))
    )
      return;
    this.#timer = setInterval(() => void this.verify(null).catch(this.#failed), intervalS * 1000);
    this.#timer.unref();
  }

  /** Watches the folders of what was put in place by now. */
  follow(): void {
    const names = new Map<string, string>();
    for (const { name, at, placed } of this.ports.journal.files.values()) {
      if (placed !== null && this.#policyOf(name) !== 'ignore') names.set(at, name);
    }
    this.#names = names;
    this.#watch.follow(names.keys());
  }

  /** What was known of a file's looks is no longer true: it was put in place anew. */
  forget(name: string): void {
    this.#glances.delete(name);
    this.#told.delete(name);
  }

  close(): void {
    this.#watch.close();
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Looks at files, tells of those that drifted and restores those that are to be. */
  verify(names: readonly string[] | null): Promise<readonly DriftRow[]> {
    return this.ports.inTurn(() => this.#look(names));
  }

  /** Takes what lies there for what is to lie there. @throws RpcException ENOENT */
  async accept(name: string): Promise<void> {
    const { journal, disk } = this.ports;
    const record = journal.files.get(name);
    if (record?.placed === undefined || record.placed === null) {
      throw new RpcException(Errno.ENOENT, `${name} was never put in place`);
    }
    const { side, content } = await findAt(record.at, disk);
    if (content !== null) await disk.backups.put(content);
    const accepted: FileRecord = { ...record, placed: side, origin: 'foreign', drift: null };
    await journal.append([{ kind: 'file', record: accepted }]);
    this.forget(name);
  }

  #policyOf(name: string): 'report' | 'restore' | 'ignore' {
    const managed = this.#managed.get(name);
    if (managed === undefined) return 'ignore';
    return managed.metadata.drift ?? this.ports.settings.drift.policy;
  }

  #touched(paths: readonly string[]): void {
    const names = paths.flatMap((path) => this.#names.get(path) ?? []);
    if (names.length > 0) void this.verify(names).catch(this.#failed);
  }

  readonly #failed = (error: unknown): void => {
    this.ports.logger.warn(`Files cannot be looked at: ${messageOf(error)}`);
  };

  async #look(names: readonly string[] | null): Promise<readonly DriftRow[]> {
    const { journal } = this.ports;
    const rows: DriftRow[] = [];
    const restored: string[] = [];
    for (const name of names ?? [...journal.files.keys()]) {
      const record = journal.files.get(name);
      if (record === undefined || record.placed === null) continue;
      const kind = await this.#lookAt(record, restored);
      if (kind !== null) rows.push({ name, path: record.path, kind });
    }
    if (restored.length > 0) this.ports.restore(restored);
    return rows;
  }

  async #lookAt(record: FileRecord, restored: string[]): Promise<DriftRow['kind'] | null> {
    const { journal, disk, events, logger } = this.ports;
    const { name, at, placed } = record;
    if (placed === null) return null;
    const look = await lookForDrift(
      { at, placed, glance: this.#glances.get(name) ?? null },
      disk,
    ).catch((error: unknown) => ({ kind: 'type' as const, key: messageOf(error), glance: null }));
    if (look.glance === null) this.#glances.delete(name);
    else this.#glances.set(name, look.glance);
    if (look.kind !== record.drift) {
      await journal.append([{ kind: 'file', record: { ...record, drift: look.kind } }]);
    }
    if (look.kind === null) {
      this.#told.delete(name);
      return null;
    }
    const policy = this.#policyOf(name);
    if (policy === 'ignore' || this.#told.get(name) === look.key) return look.kind;
    this.#told.set(name, look.key);
    events.emit('etcd.drift_detected', { name, kind: look.kind });
    logger.warn(`${at} is not as it was put in place (${look.kind})`);
    if (policy !== 'restore') return look.kind;
    if (this.#limit.take(name)) restored.push(name);
    else logger.warn(`${at} was restored too often in 10 minutes and is only reported`);
    return look.kind;
  }
}
