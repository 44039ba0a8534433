import {
  accepts,
  type Claims,
  description,
  Errno,
  requireRoles,
  returns,
  Task,
  task,
} from 'dispatcher';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type ArchiveFormat, FileArchive, FileArchived } from '../schemas/file-tasks.schema.js';
import { ByteMeter } from '../tree/byte-meter.js';
import { fileError, withFile } from '../tree/file-errors.js';
import { claimPaths } from '../tree/path-claims.js';
import { assertApart, resolvedPath } from '../tree/placing.js';
import { TarWriter } from '../tree/tar-writer.js';
import { sizeOfTree } from '../tree/tree-totals.js';
import { PartialWork } from './partial-work.js';

/** The headers are those that every tar reads; holes of files are written out. */
@description('Puts a file or a tree into a tar archive, which only its owner may read')
@task('files.archive', { abortable: true })
@accepts(FileArchive)
@returns(FileArchived)
@requireRoles('operator')
export class FileArchiveTask extends Task {
  static override readonly earlyDescribe = 'Making an archive';
  readonly #work = new PartialWork();

  override describe({ source, destination }: FileArchive): string {
    return `Archiving ${source} as ${destination}`;
  }

  override verify({ source, destination }: FileArchive): Promise<Claims> {
    return claimPaths(this, { reads: [source], makes: [destination] });
  }

  override async run(arg: FileArchive): Promise<FileArchived> {
    const source = await resolvedPath(arg.source);
    assertApart('archive', source, await resolvedPath(arg.destination));
    const { partial } = await this.#work.prepare(arg.destination, this.id);
    const options = { signal: this.signal, crossesFileSystems: arg.cross_file_systems === true };
    const meter = new ByteMeter(this, 'Archived', await sizeOfTree(source, options));
    const writer = new TarWriter(source, {
      ...options,
      name: basename(source) || 'root',
      meter,
      onWarning: (path, reason) => this.addWarning(Errno.EIO, `${path}: ${reason}`, { path }),
    });
    const handle = await withFile('create', partial, () => open(partial, 'wx', 0o600));
    this.#work.begin();
    const archive_bytes = await this.#write(writer, { handle, format: formatOf(arg), partial });
    await this.#work.settle();
    meter.finish();
    return { ...writer.totals, archive_bytes };
  }

  override rollback({ destination }: FileArchive): Promise<void> {
    return this.#work.undo(destination, this.id);
  }

  async #write(
    writer: TarWriter,
    { handle, format, partial }: { handle: FileHandle; format: ArchiveFormat; partial: string },
  ): Promise<number> {
    try {
      const file = handle.createWriteStream();
      const packing = format === 'tar' ? new PassThrough() : createGzip();
      await pipeline(Readable.from(writer.bytes(), { objectMode: false }), packing, file, {
        signal: this.signal,
      });
      return file.bytesWritten;
    } catch (error) {
      throw fileError(error, 'write', partial);
    } finally {
      await handle.close();
    }
  }
}

function formatOf({ format, destination }: FileArchive): ArchiveFormat {
  return format ?? (destination.endsWith('.tar') ? 'tar' : 'tar.gz');
}
