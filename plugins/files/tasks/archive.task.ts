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
import type { FileHandle } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { withLocated } from '../handles/locate.js';
import type { Located } from '../handles/located.js';
import type { Reach } from '../handles/reach.js';
import { isAdministrator, reachOf } from '../handles/task-reach.js';
import { type ArchiveFormat, FileArchive, FileArchived } from '../schemas/file-tasks.schema.js';
import { ByteMeter } from '../tree/byte-meter.js';
import { createFile } from '../tree/file-copy.js';
import { fileError } from '../tree/file-errors.js';
import { claimPaths } from '../tree/path-claims.js';
import { assertApart, assertVacant } from '../tree/settling.js';
import { TarWriter } from '../tree/tar-writer.js';
import { refuseNothing, sizeOfTree } from '../tree/tree-totals.js';
import { PartialWork } from './partial-work.js';

/** The headers are those that every tar reads; holes of files are written out. */
@description('Puts a file or a tree into a tar archive, which only its owner may read')
@task('files.archive', { abortable: true })
@accepts(FileArchive)
@returns(FileArchived)
@requireRoles('operator')
export class FileArchiveTask extends Task {
  @InjectSettings(FilesSettings) readonly settings!: Settings<FilesSettings>;
  static override readonly earlyDescribe = 'Making an archive';
  readonly #work = new PartialWork();

  override describe({ source, destination }: FileArchive): string {
    return `Archiving ${source} as ${destination}`;
  }

  override verify({ source, destination }: FileArchive): Promise<Claims> {
    return claimPaths(this, { reads: [source], makes: [destination] });
  }

  override async run(arg: FileArchive): Promise<FileArchived> {
    const reach = await reachOf(this);
    return withLocated(arg.source, reach, (source) => this.#archive(source, { arg, reach }));
  }

  override rollback({ destination }: FileArchive): Promise<void> {
    return this.#work.undo(destination, this);
  }

  async #archive(
    source: Located,
    { arg, reach }: { readonly arg: FileArchive; readonly reach: Reach },
  ): Promise<FileArchived> {
    const place = await this.#work.prepare(arg.destination, reach);
    assertApart('archive', source, place);
    await assertVacant(place);
    const { signal } = this;
    const options = { signal, reach, crossesFileSystems: arg.cross_file_systems === true };
    const meter = new ByteMeter(this, 'Archived', await sizeOfTree(source, options));
    const target = await this.#work.begin(this);
    const writer = new TarWriter(source, {
      ...options,
      reach: reach.without(target.folder),
      name: source.name || 'root',
      meter,
      keepsSetId: isAdministrator(this),
      onWarning: (path, reason) => this.addWarning(Errno.EIO, `${path}: ${reason}`, { path }),
    });
    const handle = await createFile(target);
    const { path } = target;
    const archive_bytes = await this.#write(writer, { handle, format: formatOf(arg), path });
    refuseNothing('archive', writer.totals, arg.source);
    const made = await this.#work.settle();
    meter.finish();
    return { ...writer.totals, archive_bytes, made };
  }

  async #write(
    writer: TarWriter,
    { handle, format, path }: { handle: FileHandle; format: ArchiveFormat; path: string },
  ): Promise<number> {
    try {
      const file = handle.createWriteStream();
      const packing = format === 'tar' ? new PassThrough() : createGzip();
      await pipeline(Readable.from(writer.bytes(), { objectMode: false }), packing, file, {
        signal: this.signal,
      });
      return file.bytesWritten;
    } catch (error) {
      throw fileError(error, 'write', path);
    } finally {
      await handle.close();
    }
  }
}

function formatOf({ format, destination }: FileArchive): ArchiveFormat {
  return format ?? (destination.endsWith('.tar') ? 'tar' : 'tar.gz');
}
