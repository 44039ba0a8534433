import { accepts, type Claims, description, requireRoles, returns, Task, task } from 'dispatcher';
import {
  type BackupMethod,
  FileBackedUp,
  FileBackup,
  type FileChecksum,
} from '../schemas/file-tasks.schema.js';
import { removeTree, resolvedPath } from '../tree/placing.js';

/** What `files.checksum` returns. */
type Digest = Omit<FileBackedUp, 'archive_digest'>;

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
  #made: 'unknown' | 'nothing' | 'backup' = 'unknown';

  override describe({ source, destination }: FileBackup): string {
    return `Backing up ${source} to ${destination}`;
  }

  override verify(arg: FileBackup): Promise<Claims> {
    return this.verifySubtask(MAKERS[methodOf(arg)], placesOf(arg));
  }

  override async run(arg: FileBackup): Promise<FileBackedUp> {
    this.#made = 'nothing';
    const algorithm = arg.algorithm ?? 'sha256';
    const { source, destination, cross_file_systems } = placesOf(arg);
    const before = await this.#checksum({ source, cross_file_systems, algorithm }, [0, 30]);
    const maker = this.runSubtask(MAKERS[methodOf(arg)], placesOf(arg)).withProgress(30, 70);
    await maker.join();
    this.#made = 'backup';
    // a copy must be what the source was; of an archive only its own checksum can be told
    const expected =
      methodOf(arg) === 'copy' ? { expected: before.digest, cross_file_systems } : {};
    const after = await this.#checksum({ source: destination, algorithm, ...expected }, [70, 100]);
    return { ...before, archive_digest: methodOf(arg) === 'copy' ? null : after.digest };
  }

  /** A part that finished is not undone by the server: what it made goes here. */
  override async rollback({ destination }: FileBackup): Promise<void> {
    if (this.#made === 'unknown' && (await this.#hasMaker())) this.#made = 'backup';
    if (this.#made === 'backup') await removeTree(await resolvedPath(destination));
  }

  /** On an instance that did not run: the process that did has died, the rows of its parts are left. */
  async #hasMaker(): Promise<boolean> {
    const filter = [
      ['parent', '=', this.id],
      ['name', 'in', Object.values(MAKERS)],
      ['state', '=', 'FINISHED'],
    ];
    return (await this.dispatcher.callSync<number>('task.query', filter, { count: true })) > 0;
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
