import {
  accepts,
  type Claims,
  description,
  Errno,
  requireRoles,
  returns,
  Task,
  task,
  TaskException,
} from 'dispatcher';
import { FileCopy, FileTotals } from '../schemas/file-tasks.schema.js';
import { ByteMeter } from '../tree/byte-meter.js';
import { claimPaths } from '../tree/path-claims.js';
import { assertApart, resolvedPath } from '../tree/placing.js';
import { TreeCopier } from '../tree/tree-copier.js';
import { sizeOfTree } from '../tree/tree-totals.js';
import { PartialWork } from './partial-work.js';

/**
 * Copies to a hidden name beside the destination, which then takes its place in one step: whoever
 * looks there sees nothing, or all. The copy is not flushed to the disk.
 */
@description('Copies a file or a tree to a place where nothing is')
@task('files.copy', { abortable: true })
@accepts(FileCopy)
@returns(FileTotals)
@requireRoles('operator')
export class FileCopyTask extends Task {
  static override readonly earlyDescribe = 'Copying files';
  readonly #work = new PartialWork();

  override describe({ source, destination }: FileCopy): string {
    return `Copying ${source} to ${destination}`;
  }

  override verify({ source, destination }: FileCopy): Promise<Claims> {
    return claimPaths(this, { reads: [source], makes: [destination] });
  }

  override async run({ source, destination, cross_file_systems }: FileCopy): Promise<FileTotals> {
    const from = await resolvedPath(source);
    assertApart('copy', from, await resolvedPath(destination));
    const { partial } = await this.#work.prepare(destination, this.id);
    const options = { signal: this.signal, crossesFileSystems: cross_file_systems === true };
    const meter = new ByteMeter(this, 'Copied', await sizeOfTree(from, options));
    this.#work.begin();
    const copier = new TreeCopier(from, partial, {
      ...options,
      meter,
      onWarning: (path, reason) => this.addWarning(Errno.EIO, `${path}: ${reason}`, { path }),
    });
    const totals = await copier.copy();
    this.signal.throwIfAborted();
    refuseNothing(totals, source);
    await this.#work.settle();
    meter.finish();
    return totals;
  }

  override rollback({ destination }: FileCopy): Promise<void> {
    return this.#work.undo(destination, this.id);
  }
}

/** The source itself was a socket, a pipe or a device, or has vanished. */
function refuseNothing({ files, directories, links }: FileTotals, source: string): void {
  if (files + directories + links > 0) return;
  throw new TaskException(
    Errno.EINVAL,
    `Cannot copy ${source}: it is no file, folder or link, or has vanished`,
    { path: source },
  );
}
