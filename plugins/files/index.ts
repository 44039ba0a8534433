import { Dispatcher, Plugin } from 'dispatcher';
import { FILE_CHANGED, FileChangedSource } from './file-changed.source.js';
import { FileWatchProvider } from './file-watch.provider.js';
import { FilesSettings } from './files.settings.js';
import { FileChange } from './schemas/file-change.schema.js';
import {
  FileArchive,
  FileArchived,
  FileBackedUp,
  FileBackup,
  FileChecksum,
  FileCopy,
  FileDigest,
  FileMade,
  FileTotals,
} from './schemas/file-tasks.schema.js';
import { FileWatch } from './schemas/file-watch.schema.js';
import { FileArchiveTask } from './tasks/archive.task.js';
import { FileBackupTask } from './tasks/backup.task.js';
import { FileChecksumTask } from './tasks/checksum.task.js';
import { FileCopyTask } from './tasks/copy.task.js';
import { FileWatches } from './watching/file-watches.js';

/**
 * Tells of changes of files under the paths that a setting names, and copies, archives and
 * verifies trees. Also an example of a
 * source and a provider that share a helper, and of a setting that counts while the plugin runs.
 */
@Plugin({
  depends: ['storage'], // which keeps the resources that the tasks claim
  metadata: { type: 'files' },
  settings: [FilesSettings],
  schemas: [
    FileChange,
    FileWatch,
    FileCopy,
    FileArchive,
    FileChecksum,
    FileBackup,
    FileTotals,
    FileMade,
    FileDigest,
    FileArchived,
    FileBackedUp,
  ],
  providers: [
    FileChangedSource,
    FileWatchProvider,
    FileWatches,
    FileCopyTask,
    FileChecksumTask,
    FileArchiveTask,
    FileBackupTask,
  ],
})
export default class FilesPlugin {
  constructor(private readonly dispatcher: Dispatcher) {}

  init(): void {
    this.dispatcher.registerEventType(FILE_CHANGED, {
      description: 'A file or folder was created, modified, removed or renamed',
      schema: FileChange,
    });
  }
}
