import {
  accepts,
  type Claims,
  description,
  Errno,
  InjectSettings,
  requireRoles,
  returns,
  type Settings,
  Task,
  task,
} from 'dispatcher';
import { FilesSettings } from '../files.settings.js';
import { withLocated } from '../handles/locate.js';
import type { Located } from '../handles/located.js';
import type { Reach } from '../handles/reach.js';
import { isAdministrator, reachOf } from '../handles/task-reach.js';
import { FileCopy, FileMade } from '../schemas/file-tasks.schema.js';
import { ByteMeter } from '../tree/byte-meter.js';
import { claimPaths } from '../tree/path-claims.js';
import { assertApart, assertVacant } from '../tree/settling.js';
import { TreeCopier } from '../tree/tree-copier.js';
import { refuseNothing, sizeOfTree } from '../tree/tree-totals.js';
import { PartialWork } from './partial-work.js';

/**
 * Copies to a hidden folder beside the destination; the copy then takes its place in one step:
 * whoever looks there sees nothing, or all. The copy is not flushed to the disk.
 */
@description('Copies a file or a tree to a place where nothing is')
@task('files.copy', { abortable: true })
@accepts(FileCopy)
@returns(FileMade)
@requireRoles('operator')
export class FileCopyTask extends Task {
  @InjectSettings(FilesSettings) readonly settings!: Settings<FilesSettings>;
  static override readonly earlyDescribe = 'Copying files';
  readonly #work = new PartialWork();

  override describe({ source, destination }: FileCopy): string {
    return `Copying ${source} to ${destination}`;
  }

  override verify({ source, destination }: FileCopy): Promise<Claims> {
    return claimPaths(this, { reads: [source], makes: [destination] });
  }

  override async run(arg: FileCopy): Promise<FileMade> {
    const reach = await reachOf(this);
    return withLocated(arg.source, reach, (source) => this.#copy(source, { arg, reach }));
  }

  override rollback({ destination }: FileCopy): Promise<void> {
    return this.#work.undo(destination, this);
  }

  async #copy(
    source: Located,
    { arg, reach }: { readonly arg: FileCopy; readonly reach: Reach },
  ): Promise<FileMade> {
    const place = await this.#work.prepare(arg.destination, reach);
    assertApart('copy', source, place);
    await assertVacant(place);
    const { signal } = this;
    const options = { signal, reach, crossesFileSystems: arg.cross_file_systems === true };
    const meter = new ByteMeter(this, 'Copied', await sizeOfTree(source, options));
    const target = await this.#work.begin(this);
    const copier = new TreeCopier(source, target, {
      ...options,
      reach: reach.without(target.folder),
      meter,
      keepsSetId: isAdministrator(this),
      onWarning: (path, reason) => this.addWarning(Errno.EIO, `${path}: ${reason}`, { path }),
    });
    const totals = await copier.copy();
    signal.throwIfAborted();
    refuseNothing('copy', totals, arg.source);
    const made = await this.#work.settle();
    meter.finish();
    return { ...totals, made };
  }
}
