import { Dispatcher, Plugin } from 'dispatcher';
import { FILE_CHANGED, FileChangedSource } from './file-changed.source.js';
import { FileWatchProvider } from './file-watch.provider.js';
import { FileChange } from './schemas/file-change.schema.js';
import { FileWatch } from './schemas/file-watch.schema.js';
import { FileWatches } from './watching/file-watches.js';

/**
 * Tells of changes of files under the paths that the configuration names. Also an example of a
 * source and a provider that share a helper, and of a setting that counts while the plugin runs.
 */
@Plugin({
  metadata: { type: 'files' },
  schemas: [FileChange, FileWatch],
  providers: [FileChangedSource, FileWatchProvider, FileWatches],
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
