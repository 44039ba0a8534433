import { accepts, type Claims, description, requireRoles, returns, Task, task } from 'dispatcher';
import {
  type BackupMethod,
  FileBackedUp,
  FileBackup,
  type FileChecksum,
  type FileMade,
} from '../schemas/file-tasks.schema.js';
import { removeMade } from './partial-work.js';

/** What `files.checksum` returns. */
type Digest = Omit<FileBackedUp, 'archive_digest' | 'made'>;

/** The tasks that make the backup, by the method. */
const MAKERS: Readonly<Record<BackupMethod, string>> = {
  copy: 'files.copy',
  archive: 'files.archive',
};

/**
 * A composite: three tasks that can be had one by one are its parts. It claims in advance what they
 * claim, so that each finds its locks held by its parent.
 */
@description('Backs up a file or a tree, as a copy or an archive, and verifies what was made')
@task('files.backup', { abortable: true })
@accepts(FileBackup)
@returns(FileBackedUp)
@requireRoles('operator')
export class FileBackupTask extends Task {
  static override readonly earlyDescribe = 'Backing up files';
  /** The identity of the backup; undefined on an instance that did not run. */
  #made: string | null | undefined;

  override describe({ source, destination }: FileBackup): string {
    return `Backing up ${source} to ${destination}`;
  }

  override verify(arg: FileBackup): Promise<Claims> {
    return this.verifySubtask(MAKERS[methodOf(arg)], placesOf(arg));
  }

  override async run(arg: FileBackup): Promise<FileBackedUp> {
    this.#made = null;
    const algorithm = arg.algorithm ?? 'sha256';
    const { source, destination, cross_file_systems } = placesOf(arg);
    const before = await this.#checksum({ source, cross_file_systems, algorithm }, [0, 30]);
    const maker = this.runSubtask<FileMade>(MAKERS[methodOf(arg)], placesOf(arg)).withProgress(
      30,
      70,
    );
    const { made } = await maker.join();
    this.#made = made;
    // a copy must be what the source was; of an archive only its own checksum can be told
    const expected =
      methodOf(arg) === 'copy' ? { expected: before.digest, cross_file_systems } : {};
    const after = await this.#checksum({ source: destination, algorithm, ...expected }, [70, 100]);
    return { ...before, archive_digest: methodOf(arg) === 'copy' ? null : after.digest, made };
  }

  /** A part that finished is not undone by the server: what it made goes here. */
  override async rollback({ destination }: FileBackup): Promise<void> {
    const made = this.#made === undefined ? await this.#lookUpMade() : this.#made;
    if (made !== null) await removeMade(destination, made);
  }

  /** On an instance that did not run: the process that did has died, the rows of its parts are left. */
  async #lookUpMade(): Promise<string | null> {
    const filter = [
      ['parent', '=', this.id],
      ['name', 'in', Object.values(MAKERS)],
      ['state', '=', 'FINISHED'],
    ];
    const rows = await this.dispatcher.callSync<{ result: FileMade }[]>('task.query', filter);
    return rows[0]?.result.made ?? null;
  }

  #checksum(arg: FileChecksum, [from, to]: readonly [number, number]): Promise<Digest> {
    return this.runSubtask<Digest>('files.checksum', arg).withProgress(from, to).join();
  }
}

function methodOf({ method }: FileBackup): BackupMethod {
  return method ?? 'copy';
}

function placesOf({ source, destination, cross_file_systems }: FileBackup) {
  return { source, destination, cross_file_systems: cross_file_systems === true };
}
